"""Gated delta networks (arXiv:2412.06464): linear attention whose state is rewritten, not only added to."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Cache, Part, Tensor, Work


def gated_delta_net(
    name: str,
    hidden: int,
    *,
    key_heads: int,
    value_heads: int,
    key_dim: int,
    value_dim: int,
    kernel: int,
) -> Part:
    """q, k, v and the output gate in one matrix, decay and write strength in another, one convolution over q, k and v.

    Heads are interleaved in groups of one key head and its value heads, so the key heads are what can be shared out.
    """
    keys, values = key_heads * key_dim, value_heads * value_dim
    group = max(1, value_heads // key_heads)
    mixed = 2 * keys + values
    tensors = (
        *linear(f"{name}.in_proj_qkvz", hidden, mixed + values, cut=COLUMN, unit=2 * (key_dim + group * value_dim)),
        *linear(f"{name}.in_proj_ba", hidden, 2 * value_heads, cut=COLUMN, unit=2 * group),
        Tensor(f"{name}.conv1d.weight", (mixed, 1, kernel), "conv", 0, 2 * key_dim + group * value_dim),
        Tensor(f"{name}.dt_bias", (value_heads,), "scalar", 0, group),
        Tensor(f"{name}.A_log", (value_heads,), "scalar", 0, group),
        *norm(f"{name}.norm", value_dim),
        *linear(f"{name}.out_proj", values, hidden, cut=ROW, unit=group * value_dim),
    )
    # The state is kept in fp32; the convolution's inputs in the compute dtype.
    caches = (
        Cache("conv", mixed, size=kernel),
        Cache("state", value_heads, size=key_dim * value_dim, dtype="fp32"),
    )
    # The projections, the convolution's input and output; then q and k repeated to every value head, v, and k and v
    # times the write strength, all in fp32.
    width = mixed + values + 2 * mixed + 2 * value_heads * (3 * key_dim + 2 * value_dim)
    return Part(tensors, caches, (Work("linear_attention", width),))
