"""Lightning attention (arXiv:2401.04658): linear attention with a fixed decay, computed block by block."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, buffer, linear
from llmmem.tensors import Cache, Part, Tensor, Work


def lightning_attention(name: str, hidden: int, heads: int, head_dim: int, block: int) -> Part:
    """One matrix for q, k and v, an output gate, and tables of the decay within a block, which the checkpoint holds."""
    width = heads * head_dim
    tensors = (
        Tensor(f"{name}.norm.weight", (width,), "norm", 0, head_dim),
        *linear(f"{name}.qkv_proj", hidden, 3 * width, cut=COLUMN, unit=3 * head_dim),
        *linear(f"{name}.out_proj", width, hidden, cut=ROW, unit=head_dim),
        *linear(f"{name}.output_gate", hidden, width, cut=COLUMN, unit=head_dim),
        *buffer(f"{name}.slope_rate", heads, 1, 1),
        *buffer(f"{name}.query_decay", heads, block, 1),
        *buffer(f"{name}.key_decay", heads, block, 1),
        *buffer(f"{name}.diagonal_decay", 1, heads, block, block),
    )
    # q, k and v before and after the activation, the output of all blocks and once more joined
    work = Work("linear_attention", 8 * width)
    return Part(tensors, (Cache("state", heads, size=head_dim * head_dim),), (work,))
