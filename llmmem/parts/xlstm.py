"""The matrix memory of xLSTM (arXiv:2405.04517) as xLSTM 7B has it (arXiv:2503.13427)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, linear
from llmmem.tensors import Cache, Part, Tensor, Work


def mlstm_layer(
    name: str, hidden: int, heads: int, qk: int, value: int, *, bias: bool, fused: bool, memory: tuple[int, int]
) -> Part:
    """q, k, v and the output gate, one input and one forget gate per head, and a norm over each head.

    Args:
        qk, value: widths of q and k, and of v, all heads together.
        fused: whether what reads the input is one matrix, and the gates another.
        memory: rows and columns of a head's memory, which its configuration rounds on its own.
    """
    rows, columns = memory
    if fused:
        inputs: Tensors = (
            *linear(f"{name}.qkv_opreact", hidden, 2 * qk + 2 * value, bias=bias, cut=COLUMN),
            *linear(f"{name}.ifgate_preact", hidden, 2 * heads, bias=True, cut=COLUMN),
        )
    else:
        inputs = (
            *linear(f"{name}.q", hidden, qk, bias=bias, cut=COLUMN),
            *linear(f"{name}.k", hidden, qk, bias=bias, cut=COLUMN),
            *linear(f"{name}.v", hidden, value, bias=bias, cut=COLUMN),
            *linear(f"{name}.ogate_preact", hidden, value, bias=bias, cut=COLUMN),
            *linear(f"{name}.igate_preact", hidden, heads, bias=True, cut=COLUMN),
            *linear(f"{name}.fgate_preact", hidden, heads, bias=True, cut=COLUMN),
        )
    normed = value // heads * heads
    tensors = (
        *inputs,
        Tensor(f"{name}.multihead_norm.weight", (normed,), "norm", 0),
        *((Tensor(f"{name}.multihead_norm.bias", (normed,), "norm", 0),) if bias else ()),
        *linear(f"{name}.out_proj", value, hidden, bias=bias, cut=ROW),
    )
    # The memory, its normaliser and its maximum, all in the compute dtype.
    caches = (Cache("state", heads, size=rows * columns + rows + 1),)
    return Part(tensors, caches, (Work("linear_attention", 2 * qk + 4 * value + 2 * heads),))


def xlstm_feed_forward(name: str, hidden: int, intermediate: int, *, bias: bool, fused: bool) -> Part:
    """A gated MLP whose two input matrices may be one."""
    up: Tensors = (
        linear(f"{name}.proj_up_gate_z", hidden, 2 * intermediate, bias=bias, cut=COLUMN)
        if fused
        else (
            *linear(f"{name}.proj_up_gate", hidden, intermediate, bias=bias, cut=COLUMN),
            *linear(f"{name}.proj_up", hidden, intermediate, bias=bias, cut=COLUMN),
        )
    )
    tensors = (*up, *linear(f"{name}.proj_down", intermediate, hidden, bias=bias, cut=ROW))
    return Part(tensors, (), (Work("mlp", 3 * intermediate),))
