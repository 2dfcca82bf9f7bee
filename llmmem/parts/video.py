"""Residual blocks of autoencoders that see frames, not pictures."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.modules import conv3d, layer_norm, under
from llmmem.parts.unet import resnet

#: name, inputs, outputs, kernel
Conv = Callable[[str, int, int, int], Tensors]
Norm = Callable[[str, int], Tensors]


def wrapped(name: str, inputs: int, outputs: int, kernel: int = 3) -> Tensors:
    """A causal convolution that holds the real one as ``conv``."""
    return conv3d(f"{name}.conv", inputs, outputs, kernel)


def gamma(name: str, size: int, *ones: int) -> Tensors:
    """An RMS norm over channels, its scale shaped to be multiplied onto a feature map."""
    return scalars(f"{name}.gamma", size, *ones)


def gamma3d(name: str, size: int) -> Tensors:
    """``gamma`` over frames."""
    return gamma(name, size, 1, 1, 1)


def gamma2d(name: str, size: int) -> Tensors:
    """``gamma`` over pictures."""
    return gamma(name, size, 1, 1)


def resnet3d(
    name: str,
    inputs: int,
    outputs: int,
    conv: Conv = wrapped,
    norm: Norm = layer_norm,
    *,
    shortcut: str = "conv_shortcut",
    beside: Conv | None = None,
) -> Tensors:
    """Two convolutions in three dimensions and, where the width changes, one of kernel 1 beside them.

    Args:
        shortcut: the name of that one; ``beside``: how it is made (default: as the others).
    """
    beside = conv if beside is None else beside
    return under(
        name,
        norm("norm1", inputs),
        conv("conv1", inputs, outputs, 3),
        norm("norm2", outputs),
        conv("conv2", outputs, outputs, 3),
        beside(shortcut, inputs, outputs, 1) if inputs != outputs else (),
    )


def temporal_resnet(name: str, inputs: int, outputs: int, temb: int | None) -> Tensors:
    """A residual block along time (Stable Video Diffusion, arXiv:2311.15127)."""
    # The same as in space, with kernels over three frames.
    tensors = resnet(name, inputs, outputs, temb)
    return tuple(
        t._replace(shape=(*t.shape[:2], 1 if "shortcut" in t.name else 3, 1, 1)) if t.role == "conv" else t
        for t in tensors
    )


def spatio_temporal_resnet(name: str, inputs: int, outputs: int, temb: int | None) -> Tensors:
    """A residual block in space, one along time, and how they are mixed."""
    return under(
        name,
        resnet("spatial_res_block", inputs, outputs, temb),
        temporal_resnet("temporal_res_block", outputs, outputs, temb),
        scalars("time_mixer.mix_factor", 1),
    )
