"""Softmax attention: multi-head, grouped-query, multi-query, windowed, cross, and latent (MLA)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.tensors import Cache, Part, Run, Tensor, Work, join

QKVO = ("q_proj", "k_proj", "v_proj", "o_proj")


def kv_cache(kind: str, kv_heads: int, head_dim: int, value_dim: int | None = None, window: int | None = None) -> Cache:
    """Keys and values of one layer: ``kv_heads * (head_dim + value_dim)`` elements per token."""
    return Cache(kind, kv_heads, head_dim, head_dim if value_dim is None else value_dim, window=window)


def attention_work(
    heads: int, kv_heads: int, head_dim: int, value_dim: int | None = None, window: int | None = None
) -> Work:
    """q, its rotated copy and the output, and k and v repeated to every head (transformers repeat_kv)."""
    value_dim = head_dim if value_dim is None else value_dim
    return Work("attention", heads * (3 * head_dim + 2 * value_dim), heads, kv_heads, head_dim, window)


def attention(
    name: str,
    hidden: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    *,
    names: tuple[str, str, str, str] = QKVO,
    bias: bool | tuple[bool, bool, bool] = False,
    out_bias: bool = False,
    output: int | None = None,
    extra: Tensors = (),
    cache: str | None = "full",
    window: int | None = None,
    source: int | None = None,
    gated: bool = False,
    biased: bool = False,
    value_dim: int | None = None,
    keys: bool = True,
    values: bool = True,
    rotary: bool = True,
) -> Part:
    """Separate q, k, v and output projections.

    Args:
        bias: of q, k, v; one flag or one each.
        output: width of the output (default: hidden).
        extra: q/k norms, sinks, biases; named relative to ``name``.
        cache: kind of the cache; None where keys and values are not kept (encoders).
        source: width of what keys and values are read from (cross attention; default: hidden).
        gated: q carries a gate of its own size beside it (Qwen3-Next).
        biased: the scores get a bias, or there is no fused kernel, so that they are written out whole.
        value_dim: width of a value's head where it differs from a key's.
        keys, values: whether it has projections for them: values may be the keys again, and both an earlier layer's.
        rotary: q and k are turned.
    """
    q, k, v, o = (f"{name}.{n}" for n in names)
    q_bias, k_bias, v_bias = (bias, bias, bias) if isinstance(bias, bool) else bias
    source = hidden if source is None else source
    value_dim = head_dim if value_dim is None else value_dim
    q_rows = heads * head_dim * (2 if gated else 1)
    tensors = (
        *linear(q, hidden, q_rows, bias=q_bias, cut=COLUMN, unit=head_dim * (2 if gated else 1)),
        *(linear(k, source, kv_heads * head_dim, bias=k_bias, cut=COLUMN, unit=head_dim) if keys else ()),
        *(linear(v, source, kv_heads * value_dim, bias=v_bias, cut=COLUMN, unit=value_dim) if values else ()),
        *linear(o, heads * value_dim, output or hidden, bias=out_bias, cut=ROW, unit=value_dim),
        *(t._replace(name=f"{name}.{t.name}") for t in extra),
    )
    caches = () if cache is None else (kv_cache(cache, kv_heads, head_dim, value_dim, window=window),)
    # A norm over q works on fp32: its copy and the product. What no cache takes stays alive beside the scores.
    normed = any(t.name.startswith("q_norm") for t in extra)
    run = Run(
        beside=kv_heads * (head_dim + value_dim) if cache is None else 0,
        early=(heads * head_dim, 2 * heads * head_dim) if normed else (0, 0),
        rotary=rotary,
        written=biased,
        cross=cache == "cross",
    )
    work = attention_work(heads, kv_heads, head_dim, value_dim, window=window)._replace(run=run)
    return Part(tensors, caches, (work._replace(kind="biased_attention") if biased else work,))


def blockwise(work: tuple[Work, ...], reach: int) -> tuple[Work, ...]:
    """Work of which a query sees ``reach`` keys, however long the text: the scores grow with the tokens alone."""
    return tuple(Work(w.kind, w.width + 3 * w.heads * reach) if w.heads else w for w in work)


def fused_attention(
    names: tuple[str, str],
    hidden: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    *,
    bias: bool = False,
    out_bias: bool | None = None,
    layout: str = "oi",
    cache: str | None = "full",
    window: int | None = None,
    biased: bool = False,
    rotary: bool = True,
) -> Part:
    """One projection for q, k and v (rows in that order or interleaved per group; the count is the same).

    Args:
        biased: the scores get a bias (ALiBi), so that they are written out whole.
        rotary: q and k are turned; otherwise they remain views of the one projection.
    """
    qkv, out = names
    tensors = join(
        linear(qkv, hidden, (heads + 2 * kv_heads) * head_dim, bias=bias, cut=COLUMN, unit=head_dim, layout=layout),
        linear(
            out,
            heads * head_dim,
            hidden,
            bias=bias if out_bias is None else out_bias,
            cut=ROW,
            unit=head_dim,
            layout=layout,
        ),
    ).tensors
    caches = () if cache is None else (kv_cache(cache, kv_heads, head_dim, window=window),)
    beside = (heads * rotary + 2 * kv_heads) * head_dim
    run = Run(beside=beside, rotary=rotary, written=biased)
    work = attention_work(heads, kv_heads, head_dim, window=window)._replace(run=run)
    return Part(tensors, caches, (work._replace(kind="biased_attention") if biased else work,))


def qk_norm(head_dim: int, *, bias: bool = False) -> Tensors:
    """Norms over each head of q and k."""
    return (*norm("q_norm", head_dim, bias=bias), *norm("k_norm", head_dim, bias=bias))


def latent_attention(
    name: str,
    hidden: int,
    heads: int,
    *,
    q_rank: int | None,
    kv_rank: int,
    nope: int,
    rope: int,
    value: int,
    bias: bool = False,
    query: Tensors = (),
    out: str = "o_proj",
    extra: Tensors = (),
    window: int | None = None,
) -> Part:
    """Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): the cache keeps ``kv_rank + rope`` per token.

    Args:
        q_rank: rank of the query compression; None for a plain q_proj.
        nope, rope, value: widths of a head without and with rotary embedding, and of its value.
        bias: of the down projections and the output.
        query: the query's projections where they are not the usual ones; named relative to ``name``, like ``extra``.
        out: name of the output projection.
    """
    head = nope + rope
    if query:
        query = tuple(t._replace(name=f"{name}.{t.name}") for t in query)
    elif q_rank is None:
        query = linear(f"{name}.q_proj", hidden, heads * head, cut=COLUMN, unit=head)
    else:
        query = (
            *linear(f"{name}.q_a_proj", hidden, q_rank, bias=bias),
            *norm(f"{name}.q_a_layernorm", q_rank),
            *linear(f"{name}.q_b_proj", q_rank, heads * head, cut=COLUMN, unit=head),
        )
    tensors = (
        *query,
        *linear(f"{name}.kv_a_proj_with_mqa", hidden, kv_rank + rope, bias=bias),
        *norm(f"{name}.kv_a_layernorm", kv_rank),
        *linear(f"{name}.kv_b_proj", kv_rank, heads * (nope + value), cut=COLUMN, unit=nope + value),
        *linear(f"{name}.{out}", heads * value, hidden, bias=bias, cut=ROW, unit=value),
        *(t._replace(name=f"{name}.{t.name}") for t in extra),
    )
    # transformers 5.23 keeps the compressed latent and the rotary key, one copy for all heads.
    cache = Cache("latent", 1, kv_rank, rope, window=window)
    # Keys and values are expanded to every head for the prefill.
    work = Work("attention", heads * (3 * head + nope + 2 * value), heads, heads, head, window)
    # The query before its rotation, what was turned, the expanded latent, and the keys put together from both.
    run = Run(beside=heads * (2 * head + rope + nope + value) + kv_rank + rope)
    return Part(tensors, (cache,), (work._replace(run=run),))


def indexer(name: str, hidden: int, q_rank: int, heads: int, head_dim: int, *, dtype: str | None = None) -> Part:
    """Scores the tokens a sparse attention is to read (DeepSeek-V3.2): a key of its own for every token.

    It is whole on every rank, and its small matrix of head weights stays unquantised like a router.

    Args:
        q_rank: width of the compressed query it reads.
        dtype: of the keys, where they do not follow the compute dtype.
    """
    tensors = (
        *linear(f"{name}.wq_b", q_rank, heads * head_dim),
        *linear(f"{name}.wk", hidden, head_dim),
        *norm(f"{name}.k_norm", head_dim, bias=True),
        *linear(f"{name}.weights_proj", hidden, heads, role="router"),
    )
    return Part(tensors, (Cache("index", 1, head_dim, dtype=dtype),))


def sinks(heads: int) -> Tensors:
    """One learned sink logit per head (gpt-oss)."""
    return (Tensor("sinks", (heads,), "scalar", 0),)
