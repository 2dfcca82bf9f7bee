"""Attention over compressed keys, and residual streams that mix (DeepSeek-V4)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, scalars
from llmmem.tensors import Cache, Part, Tensor, Work, join


def compressor(
    name: str, hidden: int, head_dim: int, every: int, *, kind: str = "compressed", overlap: bool = False
) -> Part:
    """One learned average of ``every`` tokens, key and value at once; its projections stay unquantised like a router.

    Args:
        kind: of the cache of what it makes.
        overlap: an average reads the tokens of the one before as well, through a second half of the projections.
    """
    width = 2 * head_dim if overlap else head_dim
    tensors = (
        *linear(f"{name}.wkv", hidden, width, role="router"),
        *linear(f"{name}.wgate", hidden, width, role="router"),
        Tensor(f"{name}.ape", (every, width), "position", dtype="fp32"),
        *norm(f"{name}.norm", head_dim),
    )
    # Tokens wait with value and gate until their average can be made; the last ones stay where the next needs them.
    caches = [Cache(kind, 1, head_dim, every=every), Cache("pending", 1, width, width, every=every)]
    if overlap:
        caches.append(Cache("overlap", 1, head_dim, head_dim, every=every))
    return Part(tensors, tuple(caches))


def compressed_attention(
    name: str,
    hidden: int,
    heads: int,
    head_dim: int,
    *,
    q_rank: int,
    groups: int,
    out_rank: int,
    window: int,
    compressors: Part,
) -> Part:
    """A window over one key that is also the value, compressed keys beyond it, a sink per head, outputs in groups.

    Args:
        groups, out_rank: heads are projected in groups to ``out_rank`` each, then together.
        compressors: of what lies beyond the window, if anything; named relative to the layer.
    """
    tensors = (
        *linear(f"{name}.wq_a", hidden, q_rank),
        *norm(f"{name}.q_norm", q_rank),
        *linear(f"{name}.wq_b", q_rank, heads * head_dim, cut=COLUMN, unit=head_dim),
        *linear(f"{name}.wkv", hidden, head_dim),
        *norm(f"{name}.norm", head_dim),
        *linear(f"{name}.wo_a", heads * head_dim // groups, groups * out_rank, cut=COLUMN, unit=out_rank),
        *linear(f"{name}.wo_b", groups * out_rank, hidden, cut=ROW, unit=out_rank),
        Tensor(f"{name}.attn_sink", (heads,), "scalar", 0, dtype="fp32"),
    )
    work = Work("attention", heads * 5 * head_dim, heads, 1, head_dim, window)
    # transformers 5.23 keeps the key once where there are compressed ones, and twice, as key and value, where not.
    cache = Cache("sliding", 1, head_dim, 0 if compressors.caches else head_dim, window=window)
    return join(Part(tensors, (cache,), (work,)), compressors)


def hyper_connection(name: str, hidden: int, streams: int) -> Part:
    """Weights that gather the residual streams for a part of the layer and spread its output (arXiv:2512.24880)."""
    weights = (2 + streams) * streams
    # the streams, their fp32 copy, its square and its norm, and the mixed streams
    return Part(_exact(name, (weights, streams * hidden), 3), (), (Work("mlp", 8 * streams * hidden),))


def hyper_head(name: str, hidden: int, streams: int) -> Part:
    """Weights that gather the streams for the final norm."""
    return Part(_exact(name, (streams, streams * hidden), 1))


def _exact(name: str, shape: tuple[int, int], scales: int) -> Tensors:
    tensors = (
        *scalars(f"{name}_fn", *shape),
        *scalars(f"{name}_base", shape[0]),
        *scalars(f"{name}_scale", scales),
    )
    return tuple(t._replace(dtype="fp32") for t in tensors)
