"""Caches as sums over a few kinds of layer: what an engine without blocks holds, token by token."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from llmmem.dtypes import BITS, nbytes
from llmmem.engines import Amount, exactly
from llmmem.tensors import Block, Cache

#: kinds of cache that are state rather than keys and values
STATE = ("conv", "state")

LABELS = {
    "full": "KV cache",
    "sliding": "KV cache, sliding window",
    "chunked": "KV cache, chunked attention",
    "latent": "KV cache, latent (MLA)",
    "index": "KV cache, indexer keys",
    "compressed": "KV cache, compressed",
    "pending": "KV cache, tokens to compress",
    "overlap": "KV cache, tokens compressed last",
    "cross": "KV cache, cross attention",
    "image": "KV cache, pictures",
    "conv": "convolution state",
    "state": "recurrent state",
}


class CacheTerm(NamedTuple):
    """So many layers of one component with the same cache, as one rank holds it."""

    component: str
    cache: Cache
    layers: int
    dtype: str

    def bytes(self, held: int) -> int:
        """Bytes for one request of which the cache holds ``held`` tokens."""
        return nbytes(self.cache.per_token * held + self.cache.fixed, self.dtype) * self.layers


def cache_terms(
    blocks: Iterable[Block],
    state_dtype: str,
    kv_dtype: str,
    patches: int,
    rank_cache: Callable[[Cache], Cache],
) -> tuple[CacheTerm, ...]:
    """The terms of some blocks.

    Args:
        state_dtype: of recurrent and convolution states, where the model fixes none.
        kv_dtype: of everything else.
        patches: of all pictures of a request; caches of pictures have one entry for each.
        rank_cache: the part of a cache that one rank holds.
    """
    terms: Counter[tuple[str, Cache, str]] = Counter()
    for block in blocks:
        for cache in block.caches:
            own = state_dtype if cache.kind in STATE else kv_dtype
            if cache.kind == "image":
                # One entry per patch of every picture, however long the text grows.
                if not patches:
                    continue
                cache = cache._replace(key=0, value=0, size=patches * (cache.key + cache.value))
            terms[block.component, rank_cache(cache), cache.dtype or own] += len(block.layers)
    return tuple(CacheTerm(component, cache, layers, dtype) for (component, cache, dtype), layers in terms.items())


def cache_amounts(terms: Iterable[tuple[CacheTerm, int, str]], batch: int) -> list[Amount]:
    """One amount for each component and kind of cache.

    Args:
        terms: each with the tokens it holds of one request, and the rule behind that in words.
    """
    sums: dict[tuple[str, str], int] = {}
    members: dict[tuple[str, str], list[tuple[CacheTerm, int, str]]] = {}
    for term, held, rule in terms:
        key = (term.component, term.cache.kind)
        sums[key] = sums.get(key, 0) + batch * term.bytes(held)
        members.setdefault(key, []).append((term, held, rule))
    out = []
    for (component, kind), size in sums.items():
        group = "state" if kind in STATE else "kv_cache"
        own = members[component, kind]
        out.append(
            Amount(component, group, LABELS[kind], exactly(size), "exact", lambda own=own: _why(own, batch))  # type: ignore[misc]
        )
    return out


def _why(members: list[tuple[CacheTerm, int, str]], batch: int) -> str:
    reasons = [_reason(term, held, rule, batch) for term, held, rule in members[:4]]
    return "; ".join(reasons) + ("; ..." if len(members) > 4 else "")


def _reason(term: CacheTerm, held: int, rule: str, batch: int) -> str:
    c = term.cache
    item = f"{BITS[term.dtype] // 8} bytes ({term.dtype}) x batch {batch:,}"
    if c.size:
        return f"{term.layers} layers x {c.heads:,} x {c.size:,} elements x {item}"
    several = c.heads > 1 or c.kind != "latent"
    heads = f"{c.heads} heads x ({c.key} + {c.value})" if several else f"({c.key} + {c.value})"
    tokens = f"{held:,} {rule}" if c.window is None else f"{held:,} tokens ({rule})"
    return f"{term.layers} layers x {tokens} x {heads} x {item}"
