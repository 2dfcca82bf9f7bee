"""What vLLM 0.33 chooses itself: sizes of a step by GPU, attention backends and their blocks, sizes of CUDA graphs.

Sources: engine/arg_utils.py (get_batch_defaults, _set_default_max_num_seqs_and_batched_tokens_args, for the API
server), platforms/cuda.py (_get_backend_priorities), v1/attention/backends (get_supported_kernel_block_sizes),
config/vllm.py (max_in_flight_tokens, capture sizes), layers/mamba/gdn (prefill backend).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.gpus import Gpu

GIB = 1 << 30
BLOCK = 16
#: what is assumed where no GPU is named
ASSUMED = "an H100 or H200"


class Step(NamedTuple):
    """Sizes of one step."""

    #: max_num_batched_tokens and max_num_seqs
    tokens: int
    seqs: int

    def in_flight(self, pp: int) -> int:
        """Tokens of the steps under way at once: one for each stage, and one that is prepared meanwhile."""
        return (pp + 1) * self.tokens


def capability(gpu: Gpu | None) -> tuple[int, int]:
    """CUDA compute capability; Hopper's where no GPU is named, (0, 0) where it is no NVIDIA GPU."""
    if gpu is None:
        return 9, 0
    try:
        major, _, minor = (gpu.compute_capability or "").partition(".")
        return int(major), int(minor)
    except ValueError:
        return 0, 0


def picked(gpu: Gpu | None) -> Step:
    """The sizes of a step that the API server picks by GPU."""
    total, name = (80 * GIB, "") if gpu is None else (gpu.usable_bytes, gpu.name.lower())
    if total >= 160 * GIB:
        return Step(16384, 1024)
    if total >= 70 * GIB and "a100" not in name and capability(gpu) != (12, 1):
        return Step(8192, 1024)
    return Step(2048, 256)


def step(d: Deployment, context: int) -> Step:
    """The sizes of a step as given, or as the API server picks them by GPU."""
    tokens, seqs = picked(d.gpu)
    given_tokens, given_seqs = d.knob("max_num_batched_tokens"), d.knob("max_num_seqs")
    seqs = int(given_seqs) if given_seqs is not None else seqs
    tokens = int(given_tokens) if given_tokens is not None else min(seqs * context, tokens)
    return Step(tokens, seqs if given_seqs is not None else min(seqs, tokens))


def block_size(gpu: Gpu | None, kv_dtype: str, *, latent: bool, sparse: bool) -> int:
    """Tokens of a block that the attention backend of the GPU asks for.

    Args:
        latent: the model has latent attention (MLA).
        sparse: it has an indexer, whose kernels read 64 tokens at once.
    """
    if sparse:
        return 64
    if not latent:
        return BLOCK
    major, _ = capability(gpu)
    if major == 10:
        return 32  # FLASHINFER_MLA
    # On Hopper FLASH_ATTN_MLA takes 16-bit caches alone, FLASHMLA the others; elsewhere TRITON_MLA takes both.
    return 64 if major == 9 and kv_dtype not in ("fp16", "bf16") else BLOCK


def sparse_format(gpu: Gpu | None, kv_dtype: str) -> str:
    """The layout of sparse latent attention: FLASHMLA_SPARSE packs what is to be fp8 (mla_attention.py,
    _canonicalize_sparse_mla_kv_cache_dtype); data centre Blackwell's kernels take plain fp8."""
    major, _ = capability(gpu)
    packs = kv_dtype == "fp8" and major != 10
    return "fp8_ds_mla" if packs else kv_dtype


def capture_sizes(gpu: Gpu | None, seqs: int) -> int:
    """Batch sizes CUDA graphs are captured for: 1, 2, 4, then in steps of 8 and 16 up to twice the requests."""
    most = min(2 * seqs, 1024 if capability(gpu)[0] == 10 else 512)
    return sum(n <= most for n in (1, 2, 4, *range(8, 256, 8), *range(256, most + 1, 16)))
