"""Indexers that pick blocks of tokens for a sparse attention; whole on every rank, with a key for every token."""

from __future__ import annotations

from llmmem.parts.basic import linear, norm
from llmmem.tensors import Cache, Part


def block_indexer(name: str, hidden: int, heads: int, head_dim: int) -> Part:
    """Scores every key with a few small heads and keeps the best blocks of them (MiniMax-M3)."""
    tensors = (
        *linear(f"{name}.q_proj", hidden, heads * head_dim),
        *linear(f"{name}.k_proj", hidden, head_dim),
        *norm(f"{name}.q_norm", head_dim),
        *norm(f"{name}.k_norm", head_dim),
    )
    return Part(tensors, (Cache("index", 1, head_dim),))


def pooled_indexer(
    name: str, hidden: int, heads: int, kv_heads: int, head_dim: int, *, positions: bool = False
) -> Part:
    """Scores the means of blocks of keys (Qwen4-Exp).

    Args:
        positions: it keeps the three positions of every token for the layers after it too.
    """
    tensors = (
        *linear(f"{name}.index_qk_proj", hidden, (heads + kv_heads) * head_dim),
        *norm(f"{name}.q_layernorm", head_dim),
        *norm(f"{name}.k_layernorm", head_dim),
    )
    keys = Cache("index", 1, head_dim)
    return Part(tensors, (keys, Cache("index", 1, 3, dtype="int64")) if positions else (keys,))
