"""Bytes of a token and of a state in SGLang's pools, on a rank of each pipeline stage.

Sources: model_executor/pool_configurator.py (DefaultPoolConfigurator, HybridSWAPoolConfigurator),
mem_cache/kv_cache_configurator.py (calculate_mla_kv_cache_dim), configs/mamba_utils.py, configs/model_config.py
(is_hybrid_swa_model: which models have a pool of their own for layers with windows).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Sequence
from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.dtypes import BITS
from llmmem.engines.mixers import b_and_c
from llmmem.engines.plan import Share
from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.tensors import Block, Cache

#: classes whose layers with windows have a pool of their own; elsewhere those layers keep every token
WINDOW_POOL = frozenset(
    {
        *("BeamForCausalLM", "Llama4ForConditionalGeneration", "GptOssForCausalLM", "GraniteSWAForCausalLM"),
        *("GraniteMoeSWAForCausalLM", "IQuestQ1ForCausalLM", "MiMoV2ForCausalLM", "MiMoV2FlashForCausalLM"),
        *("Step3p5ForCausalLM", "Step3p7ForConditionalGeneration", "Gemma4ForCausalLM"),
        *("Gemma4ForConditionalGeneration", "EmbeddingGemma2Model", "Gemma4UnifiedForConditionalGeneration"),
        *("DiffusionGemmaForBlockDiffusion", "LagunaForCausalLM", "MellumForCausalLM", "MuseGlimmerForCausalLM"),
        *("MuseGlimmerForConditionalGeneration", "MuseSparkForConditionalGeneration"),
        *("InklingForConditionalGeneration", "UnlimitedOCRForCausalLM", "Dots3NoteForCausalLM"),
    }
)
WINDOWS = ("sliding", "chunked")
KINDS = ("full", "latent", "index", "conv", "state", *WINDOWS)
#: fp8 of sparse latent attention: a scale for 128 elements, the rotary part in 16 bits
SPARSE_BLOCK = 128


class Cells(NamedTuple):
    """On a rank of one stage."""

    #: bytes of a token in the layers that keep all, and in those with a pool for their window
    full: int
    window: int
    #: bytes of one request's recurrent state
    state: int
    #: bytes the model must remember of a request: a token where all are kept, and windows with theirs
    kept: tuple[tuple[int, int | None], ...]

    def floor(self, context: int) -> int:
        """Bytes the model must remember of one request."""
        return self.state + sum(
            token * (context if window is None else min(context, max(window - 1, 0))) for token, window in self.kept
        )


def cells(shares: Sequence[Share], architecture: str, d: Deployment, kv_dtype: str, *, raw: bool) -> tuple[Cells, ...]:
    """Of each stage.

    Args:
        raw: the kernels of sparse latent attention read fp8 without scales of their own.

    Raises:
        UnsupportedArchitectureError: a kind of cache whose pool is not described here.
        LayoutError: heads that ranks can neither share nor repeat.
    """
    kinds = {c.kind for share in shares for b in share.plain for c in b.caches}
    unknown = kinds - set(KINDS)
    if unknown or ("index" in kinds and "latent" not in kinds):
        raise UnsupportedArchitectureError(
            f"llmmem does not know how SGLang lays out this model's caches ({', '.join(sorted(unknown or kinds))}).",
            "Use --engine vllm or transformers.",
        )
    sparse = "index" in kinds
    return tuple(_stage(share, architecture in WINDOW_POOL, sparse and not raw, d, kv_dtype) for share in shares)


def window(shares: Sequence[Share]) -> int:
    """Tokens of the layers' window; 0: there is none."""
    found = [c.window or 0 for s in shares for b in s.plain for c in b.caches if c.kind in WINDOWS]
    return max(found, default=0)


def _stage(share: Share, own: bool, scaled: bool, d: Deployment, kv_dtype: str) -> Cells:
    full = windowed = state = 0
    kept: dict[int | None, int] = {}
    for block in share.plain:
        for cache in block.caches:
            if cache.kind in ("conv", "state"):
                state += len(block.layers) * _state(block, cache, d.tp)
                continue
            size = len(block.layers) * _token(cache, scaled, d.tp, kv_dtype)
            limit = cache.window if cache.kind in WINDOWS else None
            kept[limit] = kept.get(limit, 0) + size
            if own and cache.kind in WINDOWS:
                windowed += size
            else:
                full += size
    return Cells(full, windowed, state, tuple((size, limit) for limit, size in kept.items()))


def _token(cache: Cache, scaled: bool, tp: int, kv_dtype: str) -> int:
    """Bytes of one token in one layer."""
    if cache.kind == "index":  # fp8 with a scale in fp32 for 128 elements
        return cache.key + cache.value + (cache.key + cache.value) // SPARSE_BLOCK * 4
    if cache.kind == "latent":
        if scaled and kv_dtype == "fp8":
            return cache.key + cache.key // SPARSE_BLOCK * 4 + 2 * cache.value
        return (cache.key + cache.value) * BITS[kv_dtype] // 8
    if max(tp, cache.heads) % min(tp, cache.heads):
        raise LayoutError(
            f"--tp {tp}: {cache.heads} key/value heads can be neither shared nor repeated evenly.",
            "Give a --tp that divides them, or a multiple of them.",
        )
    return max(1, cache.heads // tp) * (cache.key + cache.value) * BITS[kv_dtype] // 8


def _state(block: Block, cache: Cache, tp: int) -> int:
    """Bytes of one request's convolution (bf16, tokens before the newest) or state (fp32 unless the config asks)."""
    groups = b_and_c(block)
    channels = cache.heads + (groups.more(tp) if groups and cache.kind == "conv" else 0)
    if channels % tp:
        raise LayoutError(
            f"--tp {tp}: {channels:,} channels of a state cannot be shared evenly.", "Give a --tp that divides them."
        )
    if cache.kind == "conv":
        return channels // tp * (cache.size - 1) * 2
    return channels // tp * cache.size * BITS[cache.asked or "fp32"] // 8
