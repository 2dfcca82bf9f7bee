"""Short convolutions over a few tokens: gated in place of attention (LFM2), or behind other parts of a layer."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, conv, in_fp32, linear, scalars
from llmmem.tensors import Cache, Part, Tensor, Work


def short_conv(name: str, hidden: int, kernel: int, *, bias: bool = False) -> Part:
    """Two gates and an input from one matrix, a depthwise convolution between the gates, and a matrix out."""
    tensors = (
        *conv(f"{name}.conv", hidden, 1, kernel, bias=bias, shard=0),
        *linear(f"{name}.in_proj", hidden, 3 * hidden, bias=bias, cut=COLUMN, unit=3),
        *linear(f"{name}.out_proj", hidden, hidden, bias=bias, cut=ROW),
    )
    # both gates and the input, their product, what the convolution makes of it, and the output
    return Part(tensors, (Cache("conv", hidden, size=kernel),), (Work("conv", 6 * hidden),))


def token_mix(name: str, channels: int, kernel: int, *, shard: bool = False) -> Part:
    """A depthwise convolution with a residual around it, all in fp32, its memory included.

    Args:
        shard: the channels are those of heads; otherwise every rank has all of them.
    """
    tensors = in_fp32(conv(name, channels, 1, kernel, shard=0 if shard else None))
    return Part(tensors, (_memory(channels, kernel, shard),))


def dynamic_token_mix(name: str, hidden: int, heads: int, head_dim: int, kernel: int) -> Part:
    """The same over heads, its weights shifted by what each token of width ``hidden`` asks for."""
    channels = heads * head_dim
    tensors = (
        *scalars(f"{name}.static_w", kernel, channels, shard=1),
        Tensor(f"{name}.weight_proj", (heads * kernel, hidden), "linear", 0, kernel),
    )
    return Part(tensors, (_memory(channels, kernel, True),))


def _memory(channels: int, kernel: int, shard: bool) -> Cache:
    if shard:
        return Cache("conv", channels, size=kernel, dtype="fp32")
    return Cache("conv", size=channels * kernel, dtype="fp32")
