"""Gated delta networks (arXiv:2412.06464): linear attention whose state is rewritten, not only added to."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, scalars
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
    return _memory(tensors, key_heads, value_heads, key_dim, value_dim, kernel)


def split_delta_net(
    name: str,
    hidden: int,
    *,
    key_heads: int,
    value_heads: int,
    key_dim: int,
    value_dim: int,
    kernel: int,
) -> Part:
    """The same with a matrix each for q, k and v together, for the output gate, for decay and for write strength."""
    keys, values = key_heads * key_dim, value_heads * value_dim
    group = max(1, value_heads // key_heads)
    mixed = 2 * keys + values
    tensors = (
        Tensor(f"{name}.dt_bias", (value_heads,), "scalar", 0, group),
        Tensor(f"{name}.A_log", (value_heads,), "scalar", 0, group),
        Tensor(f"{name}.conv1d.weight", (mixed, 1, kernel), "conv", 0, 2 * key_dim + group * value_dim),
        *norm(f"{name}.norm", value_dim),
        *linear(f"{name}.out_proj", values, hidden, cut=ROW, unit=group * value_dim),
        *linear(f"{name}.in_proj_qkv", hidden, mixed, cut=COLUMN, unit=2 * key_dim + group * value_dim),
        *linear(f"{name}.in_proj_z", hidden, values, cut=COLUMN, unit=group * value_dim),
        *linear(f"{name}.in_proj_b", hidden, value_heads, cut=COLUMN, unit=group),
        *linear(f"{name}.in_proj_a", hidden, value_heads, cut=COLUMN, unit=group),
    )
    return _memory(tensors, key_heads, value_heads, key_dim, value_dim, kernel)


def separate_delta_net(
    name: str,
    hidden: int,
    *,
    key_heads: int,
    value_heads: int,
    key_dim: int,
    value_dim: int,
    kernel: int,
) -> Part:
    """The same with a matrix for each of q, k, v, decay, write strength and gate (OLMo Hybrid)."""
    keys, values = key_heads * key_dim, value_heads * value_dim
    group = max(1, value_heads // key_heads)
    tensors = (
        *linear(f"{name}.q_proj", hidden, keys, cut=COLUMN, unit=key_dim),
        *linear(f"{name}.k_proj", hidden, keys, cut=COLUMN, unit=key_dim),
        *linear(f"{name}.v_proj", hidden, values, cut=COLUMN, unit=group * value_dim),
        *linear(f"{name}.a_proj", hidden, value_heads, cut=COLUMN, unit=group),
        *linear(f"{name}.b_proj", hidden, value_heads, cut=COLUMN, unit=group),
        *linear(f"{name}.g_proj", hidden, values, cut=COLUMN, unit=group * value_dim),
        *linear(f"{name}.o_proj", values, hidden, cut=ROW, unit=group * value_dim),
        *_thirds(name, 2 * keys + values, kernel),
        Tensor(f"{name}.A_log", (value_heads,), "scalar", 0, group),
        Tensor(f"{name}.dt_bias", (value_heads,), "scalar", 0, group),
        *norm(f"{name}.o_norm", value_dim),
    )
    return _memory(tensors, key_heads, value_heads, key_dim, value_dim, kernel)


def channel_delta_net(
    name: str, hidden: int, heads: int, head_dim: int, kernel: int, *, out: str = "o_proj", whole_gates: bool = False
) -> Part:
    """A delta net that forgets every channel at its own rate (Kimi Delta Attention, arXiv:2510.26692).

    Args:
        out: name of the output projection.
        whole_gates: what to forget and what to let out come from one matrix each, not through a bottleneck.
    """
    width = heads * head_dim

    def gate(letter: str) -> Tensors:
        if whole_gates:
            return linear(f"{name}.{letter}_proj", hidden, width, cut=COLUMN, unit=head_dim)
        return (
            *linear(f"{name}.{letter}_a_proj", hidden, head_dim),
            *linear(f"{name}.{letter}_b_proj", head_dim, width, cut=COLUMN, unit=head_dim),
        )

    decay = (
        scalars(f"{name}.A_log", heads, shard=0) if whole_gates else scalars(f"{name}.A_log", 1, 1, heads, 1, shard=2)
    )
    tensors = (
        *linear(f"{name}.q_proj", hidden, width, cut=COLUMN, unit=head_dim),
        *linear(f"{name}.k_proj", hidden, width, cut=COLUMN, unit=head_dim),
        *linear(f"{name}.v_proj", hidden, width, cut=COLUMN, unit=head_dim),
        *_thirds(name, 3 * width, kernel),
        *gate("f"),
        Tensor(f"{name}.dt_bias", (width,), "scalar", 0, head_dim),
        *decay,
        *linear(f"{name}.b_proj", hidden, heads, cut=COLUMN),
        *gate("g"),
        *norm(f"{name}.o_norm", head_dim),
        *linear(f"{name}.{out}", width, hidden, cut=ROW, unit=head_dim),
    )
    return _memory(tensors, heads, heads, head_dim, head_dim, kernel)


def _thirds(name: str, channels: int, kernel: int) -> Tensors:
    """The convolution over q, k and v as transformers 5.23 writes it: in three parts of one size, the rest in the last.

    They are whole on every rank: they need not end where q and k do.
    """
    part = -(-channels // 3)
    rows = {"q": part, "k": part, "v": channels - 2 * part}
    return tuple(Tensor(f"{name}.{n}_conv1d.weight", (r, 1, kernel), "conv") for n, r in rows.items())


def _memory(tensors: Tensors, key_heads: int, value_heads: int, key_dim: int, value_dim: int, kernel: int) -> Part:
    mixed = 2 * key_heads * key_dim + value_heads * value_dim
    # The state is kept in fp32; the convolution's inputs in the compute dtype.
    caches = (
        Cache("conv", mixed, size=kernel),
        Cache("state", value_heads, size=key_dim * value_dim, dtype="fp32"),
    )
    # The projections, the convolution's input and output; then q and k repeated to every value head, v, and k and v
    # times the write strength, all in fp32.
    width = 3 * mixed + value_heads * value_dim + 2 * value_heads * (3 * key_dim + 2 * value_dim)
    return Part(tensors, caches, (Work("linear_attention", width),))
