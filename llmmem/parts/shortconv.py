"""Gated short convolutions (LFM2): a few tokens of memory in place of attention."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, conv, linear
from llmmem.tensors import Cache, Part, Work


def short_conv(name: str, hidden: int, kernel: int, *, bias: bool = False) -> Part:
    """Two gates and an input from one matrix, a depthwise convolution between the gates, and a matrix out."""
    tensors = (
        *conv(f"{name}.conv", hidden, 1, kernel, bias=bias, shard=0),
        *linear(f"{name}.in_proj", hidden, 3 * hidden, bias=bias, cut=COLUMN, unit=3),
        *linear(f"{name}.out_proj", hidden, hidden, bias=bias, cut=ROW),
    )
    # both gates and the input, their product, what the convolution makes of it, and the output
    return Part(tensors, (Cache("conv", hidden, size=kernel),), (Work("conv", 6 * hidden),))
