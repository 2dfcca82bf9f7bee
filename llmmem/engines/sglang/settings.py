"""What SGLang 0.5.23 chooses itself by GPU: chunks, graphs, pages, and the share of memory for weights and pools.

Sources: arg_groups/memory_hook.py (handle_gpu_memory_settings, reserve_for_graph_mb, adjust_mem_fraction_for_vlm),
arg_groups/cuda_graph_hook.py (sizes captured, and where the prefill is not), arg_groups/overrides.py and
model_override_base.py (attention backends and their pages), model_overrides/deepseek_v2.py.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.gpus import Gpu
from llmmem.tensors import ModelSpec

MIB = 1 << 20
#: what is assumed where no GPU is named
ASSUMED = "an H100 of 80 GB"
ASSUMED_MIB = 81559
#: MiB of the GPU up to which: tokens of a chunk, largest batch with a graph below tp 4 and from it on
SIZES = (
    (20 << 10, 2048, 8, 8),
    (35 << 10, 4096, 48, 160),
    (60 << 10, 4096, 32, 160),
    (160 << 10, 8192, 256, 512),
)
#: ... and above
LARGEST = (16384, 512, 512)
#: tokens that chunks are captured for, then in steps of 512
PREFILL_STEPS = (
    *range(4, 33, 4),
    *range(48, 257, 16),
    *range(288, 513, 32),
    *range(576, 1025, 64),
    *range(1280, 4097, 256),
)
#: models with pictures whose prefill is captured nevertheless
CAPTURED = frozenset(
    {
        *("MiniMaxM3SparseForConditionalGeneration", "Cohere2VisionForConditionalGeneration"),
        *("Glm5NextForConditionalGeneration", "InternS2MobiusForConditionalGeneration"),
        *("PaddleOCRVLForConditionalGeneration", "Qwen3_5ForConditionalGeneration"),
        *("Qwen3_5MoeForConditionalGeneration", "Qwen4ExpForConditionalGeneration"),
        *("MuseGlimmerForConditionalGeneration", "MuseSparkForConditionalGeneration"),
        *("KimiK3ForConditionalGeneration", "KimiK25ForConditionalGeneration"),
    }
)
#: latent attention that data centre Blackwell runs with TensorRT-LLM's kernels
TRTLLM_MLA = frozenset(
    {
        *("DeepseekV3ForCausalLM", "KimiK25ForConditionalGeneration", "MistralLarge3ForCausalLM"),
        *("PixtralForConditionalGeneration", "LongcatFlashForCausalLM"),
    }
)
#: a tower's size that the share of memory is left as it is for: layers x width squared
TOWER = 24 * 1024**2


class Traits(NamedTuple):
    """What of a model the choices depend on."""

    architecture: str
    #: latent attention, with an indexer, and delta attention of Kimi's kind
    latent: bool
    sparse: bool
    kda: bool
    #: keys wider than values, or narrower
    uneven: bool
    #: layers x width squared of the vision tower; None: there is none
    tower: int | None


class Settings(NamedTuple):
    """Sizes of a server."""

    #: --chunked-prefill-size
    chunk: int
    #: the largest batch decoded with a CUDA graph
    decode: int
    #: --page-size
    page: int
    #: sizes of prefill graphs; 0: none
    prefill_graphs: int


def traits(spec: ModelSpec, mixers: set[str]) -> Traits:
    """Of a model with these recurrent mixers."""
    caches = [c for b in spec.blocks if b.loaded for c in b.caches]
    kinds = {c.kind for c in caches}
    vision = [b for b in spec.blocks if b.loaded and b.component == "vision" and "{}" in b.prefix]
    tower = None
    if vision and spec.images:
        # Where the tower's config calls its layers "depth", 24 are taken.
        layers = 24 if spec.architecture.startswith("Qwen") else sum(len(b.layers) for b in vision)
        tower = layers * spec.images.hidden_size**2
    uneven = any(c.key != c.value for c in caches if c.kind in ("full", "sliding", "chunked"))
    return Traits(spec.architecture, "latent" in kinds, "index" in kinds, "kda" in mixers, uneven, tower)


def capability(gpu: Gpu | None) -> int:
    """Major CUDA compute capability; Hopper's where no GPU is named, 0 where it is no NVIDIA GPU."""
    if gpu is None:
        return 9
    major = (gpu.compute_capability or "").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def memory_mib(gpu: Gpu | None) -> int:
    """MiB of the GPU as nvidia-smi reports them."""
    if gpu is None:
        return ASSUMED_MIB
    return gpu.memory_mib or gpu.usable_bytes // MIB


def picked(gpu: Gpu | None) -> tuple[int, ...]:
    """Tokens of a chunk, and the largest batch with a graph below tp 4 and from it on, by the GPU's memory."""
    mib = memory_mib(gpu)
    return next((row[1:] for row in SIZES if mib < row[0]), LARGEST)


def settings(d: Deployment, of: Traits) -> Settings:
    """The sizes as given, or as SGLang picks them."""
    sizes, ranks = picked(d.gpu), d.tp * d.dp
    given, running = d.knob("chunked_prefill_size"), d.knob("max_running_requests")
    chunk = int(given) if given is not None else sizes[0]
    decode = sizes[1] if ranks < 4 else sizes[2]
    if running is not None:
        decode = min(decode, int(running))
    return Settings(chunk, decode, page_size(d, of), _prefill_graphs(d, of, chunk))


def page_size(d: Deployment, of: Traits) -> int:
    """Tokens of a page: as given, unless the attention kernels take others only."""
    given, blackwell = d.knob("page_size"), capability(d.gpu) == 10
    page = 1 if given is None else int(given)
    if of.sparse:
        return 64 if capability(d.gpu) else page
    if not blackwell:
        return page
    if of.latent:
        return page if of.architecture not in TRTLLM_MLA or page in (32, 64) else 64
    if of.uneven:
        return 128
    return page if page in (16, 32, 64, 128) else 64


def _prefill_graphs(d: Deployment, of: Traits, chunk: int) -> int:
    """Sizes a prefill graph is captured for."""
    pictures = of.tower is not None and of.architecture not in CAPTURED
    trtllm = of.architecture == "DeepseekV3ForCausalLM" and capability(d.gpu) == 10
    if d.pp > 1 or of.kda or pictures or trtllm:
        return 0
    most = min(chunk, 8192) if of.latent else chunk
    return len([n for n in PREFILL_STEPS if n <= most]) + len(range(4608, most + 1, 512))


def graphs_mib(s: Settings, of: Traits, d: Deployment) -> float:
    """MiB that SGLang sets aside for CUDA graphs."""
    reserved = 2.0 * s.decode
    if d.dp > 1:
        reserved += s.decode * d.dp * (4.5 if s.decode > 300 else 3)
    if s.prefill_graphs:
        reserved += 1536 if of.latent else 8 * s.prefill_graphs
    return reserved


def fraction(d: Deployment, of: Traits, s: Settings, context: int) -> float:
    """--mem-fraction-static: of the memory free before loading, the share for weights and pools."""
    given = d.knob("mem_fraction_static")
    if given is not None:
        return float(given)
    mib = memory_mib(d.gpu)
    reserved = 512 + 1.5 * max(s.chunk, 2048) + d.tp * d.dp * d.pp / 8 * 1024 + graphs_mib(s, of, d)
    if mib > 60 << 10:
        reserved = max(reserved, 10 << 10)
    share = round((mib - reserved) / mib, 3)
    if of.tower is not None:
        share *= 0.95 * max(0.8, min(1.05, 1 - 0.1 * (of.tower / TOWER - 1)))
    if d.gpu is not None and d.gpu.vendor == "AMD" and not of.latent and context > 8192:
        share *= 0.85  # workspaces of its attention kernels
    return share
