"""The quantised KV cache of transformers 5.23 with its defaults: 4 bits in groups of 64, the last tokens as computed.

Sources: cache_utils.py (QuantizedCache, QuantizedLayer: residual_length 128, q_group_size 64, full attention only),
quanto and HQQ (one scale and one shift in the compute dtype for each group).
"""

from __future__ import annotations

from llmmem.dtypes import BITS
from llmmem.engines import Amount, Band
from llmmem.engines.terms import LABELS, CacheTerm
from llmmem.errors import LayoutError

NBITS, GROUP = 4, 64
#: tokens that may wait in full precision; with one more they are quantised
RESIDUAL = 127


def check(terms: tuple[CacheTerm, ...]) -> None:
    """Whether the class takes such caches.

    Raises:
        LayoutError: windows, states, or nothing to quantise.
    """
    other = sorted({t.cache.kind for t in terms if t.cache.kind != "full"})
    if other or not terms:
        what = f"this model has layers of another kind ({', '.join(other)})" if other else "this model keeps no cache"
        raise LayoutError(
            f"--cache-implementation quantized takes full attention alone, and {what}.",
            "Give dynamic or static.",
        )


def request_band(term: CacheTerm, tokens: int) -> Band:
    """Bytes of one request: all of it quantised, and (best and high) with as many waiting tokens as there may be."""
    item = BITS[term.dtype] // 8
    waiting = min(tokens, RESIDUAL)

    def packed(held: int) -> int:
        elements = term.cache.per_token * held
        return -(-elements * NBITS // 8) + 2 * -(-elements // GROUP) * item

    low = packed(tokens) * term.layers
    high = (packed(tokens - waiting) + term.cache.per_token * waiting * item) * term.layers
    return Band(low, high, high)


def amounts(terms: tuple[CacheTerm, ...], batch: int, tokens: int) -> list[Amount]:
    """One amount for each component."""
    out = []
    for term in terms:
        low, best, high = request_band(term, tokens)
        band = Band(batch * low, batch * best, batch * high)
        waiting = min(tokens, RESIDUAL)

        def why(term: CacheTerm = term, waiting: int = waiting) -> str:
            c = term.cache
            return (
                f"{term.layers} layers x {tokens:,} tokens x {c.heads} heads x ({c.key} + {c.value}) x batch {batch:,}"
                f" in {NBITS} bits with a scale and a shift per {GROUP};"
                f" the last {waiting} tokens may still be {term.dtype}"
            )

        out.append(Amount(term.component, "kv_cache", LABELS["full"], band, "estimated", why))
    return out
