"""Mixtures of attention heads (arXiv:2210.05144): experts own the query and output projections, keys are shared."""

from __future__ import annotations

from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, Tensors, linear
from llmmem.parts.mlp import router
from llmmem.tensors import Part, Tensor, Work


def _stacks(name: str, hidden: int, rows: int, inner: int, count: int, top_k: int, unit: int = 1) -> Tensors:
    """Router, stacked matrices in (``rows``) and out (``inner``), and one bias for all experts."""
    return (
        *router(f"{name}.router.layer", hidden, count),
        Tensor(f"{name}.input_linear.weight", (rows, hidden), "linear", 0, unit, count, top_k),
        Tensor(f"{name}.output_linear.weight", (hidden, inner), "linear", 1, unit, count, top_k),
        Tensor(f"{name}.bias", (hidden,), "bias"),
    )


def mixture_of_attention(
    name: str,
    hidden: int,
    kv_heads: int,
    head_dim: int,
    count: int,
    top_k: int,
    *,
    cache: str | None = "full",
    window: int | None = None,
) -> Part:
    """Every expert has ``kv_heads`` query heads; ``top_k`` of ``count`` experts read one set of keys and values."""
    width = kv_heads * head_dim
    tensors = (
        *_stacks(f"{name}.experts", hidden, width, width, count, top_k, head_dim),
        *linear(f"{name}.kv_proj", hidden, 2 * width, cut=COLUMN, unit=head_dim),
    )
    caches = () if cache is None else (kv_cache(cache, kv_heads, head_dim, window=window),)
    return Part(tensors, caches, (attention_work(top_k * kv_heads, kv_heads, head_dim, window=window),))


def mixture_of_experts(name: str, hidden: int, intermediate: int, count: int, top_k: int) -> Part:
    """Gated experts stored the same way."""
    tensors = _stacks(name, hidden, 2 * intermediate, intermediate, count, top_k)
    return Part(tensors, (), (Work("moe", top_k * (4 * intermediate + hidden), top_k=top_k),))
