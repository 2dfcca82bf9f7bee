"""The real-gated linear recurrent unit of Griffin (arXiv:2402.19427)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, conv, linear, scalars
from llmmem.tensors import Cache, Part, Work


def recurrent_block(name: str, hidden: int, width: int, heads: int, kernel: int) -> Part:
    """A gate beside a convolution and the recurrence, whose own gates are block diagonal: one block per head."""
    block = width // heads
    lru = f"{name}.rg_lru"
    tensors = (
        *linear(f"{name}.linear_y", hidden, width, bias=True, cut=COLUMN, unit=block),
        *linear(f"{name}.linear_x", hidden, width, bias=True, cut=COLUMN, unit=block),
        *linear(f"{name}.linear_out", width, hidden, bias=True, cut=ROW, unit=block),
        *conv(f"{name}.conv_1d", width, 1, kernel, bias=True, shard=0),
        *scalars(f"{lru}.recurrent_param", width, shard=0),
        # Stacks of bare parameters, not torch.nn.Linear: conversions pass them by.
        *scalars(f"{lru}.input_gate_weight", heads, block, block, shard=0),
        *scalars(f"{lru}.input_gate_bias", heads, block, shard=0),
        *scalars(f"{lru}.recurrent_gate_weight", heads, block, block, shard=0),
        *scalars(f"{lru}.recurrent_gate_bias", heads, block, shard=0),
    )
    # The token at hand joins the convolution from outside, so that one less is kept; the recurrence is fp32.
    caches = (Cache("conv", width, size=kernel - 1), Cache("state", width, size=1, dtype="fp32"))
    # both branches, both gates, their logarithm and square, the gated input and the output
    return Part(tensors, caches, (Work("linear_attention", 8 * width),))
