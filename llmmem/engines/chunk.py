"""What a chunk of a prompt needs in a layer of fused kernels, where an engine says nothing closer."""

from __future__ import annotations

from llmmem.engines.plan import TEXT, Share
from llmmem.tensors import ModelSpec


def layer_bytes(spec: ModelSpec, share: Share, tokens: int, tp: int, item: int) -> int:
    """Four residual-sized tensors, and what the widest part of a layer makes of them; 0: no layer is known."""
    works = [w for b in share.plain if b.component in TEXT for w in b.work]
    if not works:
        return 0
    widest = max(max(w.width, (2 * w.heads + 2 * w.kv_heads) * w.head_dim) for w in works) // tp
    return tokens * (4 * spec.hidden_size + widest) * item
