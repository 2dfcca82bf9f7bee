"""The KV cache of every layer as vLLM 0.33 asks for it: block sizes, padding of hybrids, formats by layer.

Sources: layers/attention (get_kv_cache_spec of Attention, MLAAttention, CrossAttention), platforms/interface.py
(update_block_size_for_backend, _align_hybrid_block_size, _align_heterogeneous_kv_block_size), engine/arg_utils.py
(layers that turboquant leaves as they are).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lcm

from llmmem.deployment import Deployment
from llmmem.dtypes import BITS
from llmmem.engines.plan import Share
from llmmem.engines.vllm.classes import ATTENTION_FREE, expanded
from llmmem.engines.vllm.content import TURBOQUANT, head_bytes, latent_bytes
from llmmem.engines.vllm.defaults import BLOCK, block_size, capability, sparse_format
from llmmem.engines.vllm.groups import Layer
from llmmem.engines.vllm.specs import Spec
from llmmem.engines.vllm.states import State, state
from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.tensors import Block, Cache, ModelSpec

#: kinds of cache that grow with tokens and have a planner's kind of the same name
KINDS = ("full", "sliding", "chunked", "latent", "index", "cross")
#: layers at either end that turboquant leaves in the compute dtype
ENDS = 2
#: an indexer's key: one byte an element and an fp32 scale for 128
INDEX_SCALE = 128


class Caches:
    """Every layer's cache on one rank.

    Attributes:
        layers: one for each cache, in the order of the model.
        prefix_caching: whether blocks of prompts are kept.
        block: tokens of a block of attention.
        assumed: whether the kernels of latent attention, and so their blocks, are not known on this GPU.
    """

    def __init__(self, spec: ModelSpec, shares: Sequence[Share], d: Deployment, compute: str, kv_dtype: str) -> None:
        self.spec, self.d, self.compute, self.kv_dtype = spec, d, compute, kv_dtype
        self.attention = BITS[compute] // 8
        held = [
            (share.pp, expanded(spec.architecture, block)) for share in shares for block in share.plain if block.caches
        ]
        kinds = {cache.kind for _, block in held for cache in block.caches}
        unknown = kinds - {*KINDS, "conv", "state"}
        if unknown:
            raise UnsupportedArchitectureError(
                f"llmmem does not know how vLLM lays out this model's caches ({', '.join(sorted(unknown))}).",
                "Use --engine transformers.",
            )
        if "index" in kinds:
            if "latent" not in kinds:  # MiniMax-M3's indexer keeps keys of another type, in groups of its own
                raise UnsupportedArchitectureError(
                    "llmmem does not know how vLLM lays out the caches of sparse attention without latents.",
                    "Use --engine transformers.",
                )
            self.kv_dtype = sparse_format(d.gpu, kv_dtype)
        self.recurrent = bool(kinds & {"conv", "state"})
        self.hybrid = self.recurrent and spec.architecture not in ATTENTION_FREE
        # Attention-free and encoder-decoder models keep none unless asked to (ModelConfig.is_prefix_caching_supported).
        asked = d.knob("enable_prefix_caching")
        usual = not (self.recurrent and not self.hybrid) and "cross" not in kinds
        self.prefix_caching = usual if asked is None else bool(asked)
        self.states = {id(block): found for _, block in held if (found := state(block, compute, d)) is not None}
        self.ends = self._ends(held) if kv_dtype in TURBOQUANT and not self.hybrid else set()
        given = d.knob("block_size")
        latent, sparse = "latent" in kinds, "index" in kinds
        self.block = int(given) if given is not None else block_size(d.gpu, kv_dtype, latent=latent, sparse=sparse)
        self.assumed = latent and d.gpu is not None and capability(d.gpu) == (0, 0) and (given is None or sparse)
        if self.ends:
            # The first layer's backend measures both kinds as if they were not packed.
            self.block = max(self.block, BLOCK * self.attention)
        self.page = 0
        if self.hybrid and kinds - {"conv", "state"}:
            self._align(held, latent)
        self.layers = self._layers(held)

    def _ends(self, held: list[tuple[int, Block]]) -> set[int]:
        if any(c.kind not in ("full", "chunked") for _, block in held for c in block.caches):
            raise UnsupportedArchitectureError(
                f"llmmem does not know how vLLM lays out --kv-precision {self.kv_dtype} beside layers with windows.",
                "Give another --kv-precision.",
            )
        count = self.spec.layers
        n = min(ENDS, count // 2)
        return {*range(n), *range(count - n, count)}

    def _align(self, held: list[tuple[int, Block]], latent: bool) -> None:
        """Blocks of attention as large as the largest state, which is padded to them."""
        tokens = [self._token(c, False) for _, b in held for c in b.caches if c.kind in KINDS and c.kind != "index"]
        token, largest = tokens[0], max(s.bytes for s in self.states.values())
        step = max(self.block, 128) if latent else self.block
        if self.prefix_caching:
            alignments = [s.alignment for s in self.states.values()]
            step = lcm(step, *(alignments if min(alignments) > 1 else [1]))
        self.block = max(self.block, step * -(-largest // (step * token)))
        self.page = self.block * token

    def _token(self, cache: Cache, plain: bool) -> int:
        """Bytes of one token in one layer on one rank."""
        kv_dtype = self.compute if plain else self.kv_dtype
        if cache.kind == "index":
            return self._index_token(cache)
        if cache.kind == "latent":
            return latent_bytes(kv_dtype, cache.key + cache.value)
        more, fewer = max(self.d.tp, cache.heads), min(self.d.tp, cache.heads)
        if more % fewer:
            raise LayoutError(
                f"--tp {self.d.tp}: {cache.heads} key/value heads can be neither shared nor repeated evenly.",
                "Give a --tp that divides them, or a multiple of them.",
            )
        return max(1, cache.heads // self.d.tp) * head_bytes(kv_dtype, cache.key, cache.value)

    def _index_token(self, cache: Cache) -> int:
        width = cache.key + cache.value
        return width + width // INDEX_SCALE * 4

    def _layers(self, held: list[tuple[int, Block]]) -> tuple[Layer, ...]:
        placed = []
        for pp, block in held:
            for i in block.layers:
                specs = [self._attention(cache, i in self.ends) for cache in block.caches if cache.kind in KINDS]
                if id(block) in self.states:
                    specs.append(self._state(self.states[id(block)]))
                placed += [(i, Layer(pp, spec)) for spec in specs]
        return tuple(layer for _, layer in sorted(placed, key=lambda p: p[0]))

    def _attention(self, cache: Cache, plain: bool) -> Spec:
        kind, token = cache.kind, self._token(cache, plain)
        window = cache.window
        if kind == "latent" and window is not None:
            kind = "sliding_latent"
        if kind == "full":
            window = None
        return Spec(kind, self.block, self.block * token, token, window)

    def _state(self, found: State) -> Spec:
        # Two are held where states at the ends of blocks are kept, and one more where a prefill hands one out.
        count = 2 + found.checkpoints if self.prefix_caching and self.hybrid else 1
        if found.checkpoints and found.alignment > 1 and any(s.alignment == 1 for s in self.states.values()):
            count = min(count, 2)
        return Spec("state", self.block, max(self.page, found.bytes), found.bytes, None, count)
