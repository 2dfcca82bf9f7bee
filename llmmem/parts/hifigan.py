"""HiFi-GAN (arXiv:2010.05646): convolutions that turn frames of features into a waveform."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.parts.basic import Tensors, conv
from llmmem.tensors import Tensor


def conv_transpose(name: str, inputs: int, outputs: int, *kernel: int, bias: bool = True, groups: int = 1) -> Tensors:
    """A transposed convolution (in, out / groups, kernel...)."""
    weight = Tensor(name + ".weight", (inputs, outputs // groups, *kernel), "conv")
    return (weight, Tensor(name + ".bias", (outputs,), "bias")) if bias else (weight,)


def hifigan(
    inputs: int,
    channels: int,
    upsampling: Sequence[int],
    kernels: Sequence[int],
    depths: Sequence[int],
) -> Tensors:
    """Each step up halves the channels; residual blocks of several kernels follow it.

    Args:
        channels: after the first convolution.
        upsampling: the kernel of each step up.
        kernels, depths: of the residual blocks after a step; the depth is the number of dilations.
    """
    tensors = [*conv("conv_pre", channels, inputs, 7, bias=True)]
    blocks = list(zip(kernels, depths, strict=False))
    for i, kernel in enumerate(upsampling):
        width = channels >> (i + 1)
        tensors += conv_transpose(f"upsampler.{i}", channels >> i, width, kernel)
        for j, (size, depth) in enumerate(blocks):
            for k in range(depth):
                for convs in ("convs1", "convs2"):
                    name = f"resblocks.{i * len(blocks) + j}.{convs}.{k}"
                    tensors += conv(name, width, width, size, bias=True)
    tensors += conv("conv_post", 1, channels >> len(upsampling), 7, bias=True)
    return tuple(tensors)
