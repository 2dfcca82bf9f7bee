"""Blocks of LTX-Video's autoencoders (arXiv:2501.00103): norms without parameters, noise and timestep within."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import timestep
from llmmem.parts.modules import conv3d, gather, layer_norm, under
from llmmem.parts.video import wrapped

#: how an encoder's level of version 0.9.5 steps -> places it folds into one
FOLDED = {"spatial": 4, "temporal": 2, "spatiotemporal": 8}


def resnet(
    name: str, inputs: int, outputs: int, *, noise: bool = False, timed: bool = False, plain: bool = False
) -> Tensors:
    """LTXVideoResnetBlock3d: norms without parameters; noise and the timestep may come in.

    Args:
        plain: the convolution beside them is not wrapped (LTX-2).
    """
    widened = inputs != outputs
    return under(
        name,
        wrapped("conv1", inputs, outputs),
        wrapped("conv2", outputs, outputs),
        layer_norm("norm3", inputs) if widened else (),
        (conv3d if plain else wrapped)("conv_shortcut", inputs, outputs, 1) if widened else (),
        scalars("per_channel_scale1", inputs, 1, 1) if noise else (),
        scalars("per_channel_scale2", inputs, 1, 1) if noise else (),
        scalars("scale_shift_table", 4, inputs) if timed else (),
    )


def embedder(width: int, timed: bool) -> Tensors:
    """What brings the timestep in, where it comes in."""
    return timestep("time_embedder.timestep_embedder", width) if timed else ()


def down(kind: str, inputs: int, outputs: int, depth: int, step: str) -> Tensors:
    """A level of the encoder; ``step``: nothing, conv or a key of ``FOLDED``."""
    tensors = [resnet(f"resnets.{n}", inputs, inputs) for n in range(depth)]
    if step == "conv":
        tensors.append(wrapped("downsamplers.0", inputs, inputs))
    elif step:
        tensors.append(wrapped("downsamplers.0.conv", inputs, outputs // FOLDED[step]))
    if kind == "LTXVideoDownBlock3D" and inputs != outputs:
        tensors.append(resnet("conv_out", inputs, outputs))
    return gather(tensors)
