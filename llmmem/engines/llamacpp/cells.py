"""Caches of llama.cpp: cells of keys and values, latents without values, recurrent states in fp32.

Sources: src/llama-kv-cache.cpp, llama-kv-cache-iswa.cpp, llama-kv-cache-dsa.cpp, llama-memory-recurrent.cpp,
llama-hparams.cpp (n_embd_r, n_embd_s).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterable
from typing import NamedTuple

from llmmem.dtypes import nbytes
from llmmem.engines.llamacpp.settings import Settings, padded
from llmmem.tensors import Block, Cache

#: kinds of cache that llama.cpp keeps; others it works out anew (cross) or does not know
KNOWN = ("full", "sliding", "chunked", "latent", "index", "conv", "state")
#: kinds bounded by a window
WINDOWED = ("sliding", "chunked")


class Kept(NamedTuple):
    """So many layers with the same cache."""

    kind: str
    layers: int
    #: elements of a token's keys and values
    key: int = 0
    value: int = 0
    window: int = 0
    #: elements of one sequence's state
    fixed: int = 0

    def cells(self, s: Settings) -> int:
        """Cells of one stream."""
        return s.window(self.window) if self.window else s.stream

    def bytes(self, s: Settings, types: tuple[str, str], widest: int, alignment: int) -> int:
        """Bytes in all layers, for all slots.

        Args:
            types: of keys and of values.
            widest: elements of a token's values in the widest layer; without flash attention all are as wide.
        """
        if self.fixed:
            return self.layers * padded(self.fixed * 4 * s.slots, alignment)
        value = widest if self.value and not s.flash else self.value
        rows = ((self.key, types[0]), (value, types[1]))
        count = self.cells(s) * s.streams
        return self.layers * sum(padded(nbytes(row, dtype) * count, alignment) for row, dtype in rows)


def kept(blocks: Iterable[Block]) -> tuple[Kept, ...]:
    """The caches of some blocks."""
    out: dict[Kept, int] = {}
    for block in blocks:
        taps = {t.shape[-1] for t in block.tensors if t.role == "conv"}
        for cache in block.caches:
            one = _kept(cache, taps)
            out[one] = out.get(one, 0) + len(block.layers)
    return tuple(one._replace(layers=layers) for one, layers in out.items())


def _kept(cache: Cache, taps: set[int]) -> Kept:
    if cache.kind == "conv":  # the last input of a convolution is the token at hand, so it is not kept
        return Kept("conv", 0, fixed=cache.heads * (cache.size - 1 if cache.size in taps else cache.size))
    if cache.kind == "state":
        return Kept("state", 0, fixed=cache.fixed)
    if cache.kind in ("latent", "index"):
        return Kept(cache.kind, 0, key=cache.heads * (cache.key + cache.value), window=cache.window or 0)
    window = cache.window or 0 if cache.kind in WINDOWED else 0
    return Kept(cache.kind, 0, cache.heads * cache.key, cache.heads * cache.value, window)
