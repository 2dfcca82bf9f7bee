"""Compressed convolutional attention (arXiv:2510.04476): q and k mixed over a few tokens, half of v one token late."""

from __future__ import annotations

from llmmem.parts.attention import attention_work, kv_cache
from llmmem.parts.basic import COLUMN, ROW, conv, linear, scalars
from llmmem.tensors import Cache, Part


def convolutional_attention(
    name: str,
    hidden: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    *,
    kernels: tuple[int, int],
    bias: bool = False,
    cache: str = "full",
    window: int | None = None,
) -> Part:
    """Grouped-query attention behind two convolutions, one per channel and one per head.

    Args:
        kernels: tokens each of the two sees.
    """
    q, kv = heads * head_dim, kv_heads * head_dim
    channels = q + kv
    inputs = f"{name}.qkv_proj"
    tensors = [
        *linear(f"{name}.o_proj", q, hidden, bias=bias, cut=ROW, unit=head_dim),
        *linear(f"{inputs}.q_proj", hidden, q, bias=bias, cut=COLUMN, unit=head_dim),
        *linear(f"{inputs}.k_proj", hidden, kv, bias=bias, cut=COLUMN, unit=head_dim),
        *linear(f"{inputs}.v_proj_current", hidden, kv // 2, bias=bias, cut=COLUMN),
        *linear(f"{inputs}.v_proj_delayed", hidden, kv // 2, bias=bias, cut=COLUMN),
        *scalars(f"{name}.qk_norm.temp", kv_heads),
    ]
    # Small, and whole on every rank: key heads may have to be repeated.
    for kind, per_group, kernel in (("depthwise", 1, kernels[0]), ("grouped", head_dim, kernels[1])):
        tensors += conv(f"{inputs}.conv_qk_{kind}", channels, per_group, kernel, bias=True)
    caches = (
        kv_cache(cache, kv_heads, head_dim, window=window),
        Cache("conv", channels, size=sum(kernels) - 2),
        Cache("state", kv // 2, size=1),
    )
    work = attention_work(heads, kv_heads, head_dim, window=window)
    # q and k before, between and after the convolutions
    return Part(tuple(tensors), caches, (work._replace(width=work.width + 3 * channels),))
