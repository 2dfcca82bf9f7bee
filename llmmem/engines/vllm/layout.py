"""Which layouts vLLM 0.33 takes.

Sources: config/model.py (verify_with_parallel_config), config/parallel.py (expert parallel ranks are all tensor and
data parallel ones), distributed/utils.py (stages).
"""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.dtypes import GGUF_RECIPES
from llmmem.engines.transformers import check_layout as check_heads
from llmmem.engines.vllm.content import LATENT, PER_TOKEN_HEAD, TURBOQUANT
from llmmem.engines.vllm.defaults import ASSUMED, capability
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.tensors import ModelSpec

#: conversions whose class vLLM 0.33 does not have any more
BITSANDBYTES = ("nf4", "fp4")


def check_layout(spec: ModelSpec, d: Deployment) -> None:
    """Whether vLLM runs the model so.

    Raises:
        UnsupportedArchitectureError: a GGUF file.
        LayoutError: heads that ranks cannot share, experts over other ranks than all, more stages than layers.
        UsageError: weights it does not load; a KV format the model's attention or the GPU does not take.
    """
    if spec.measured == "gguf":
        raise UnsupportedArchitectureError("vLLM 0.33 reads no GGUF files.", "Use --engine llama.cpp.")
    if d.precision in (*BITSANDBYTES, *GGUF_RECIPES):
        raise UsageError(
            f"--precision {d.precision}: vLLM 0.33 loads no such weights.", "Give auto, bf16, fp8, int8, awq or gptq."
        )
    check_heads(spec, d.tp)
    ranks = d.tp * d.dp
    if d.ep not in (1, ranks):
        raise LayoutError(
            f"--ep {d.ep}: vLLM spreads experts over all tensor and data parallel ranks, here {ranks}.",
            f"Give --ep {ranks}, or --enable-expert-parallel.",
        )
    caches = {cache for block in spec.blocks if block.loaded for cache in block.caches}
    kinds = {cache.kind for cache in caches}
    _check_kv(d, kinds)
    _check_context_parallel(spec, d, kinds, max((cache.heads for cache in caches), default=1))


def _check_kv(d: Deployment, kinds: set[str]) -> None:
    kv = d.kv_precision
    if kv == "fp32":
        raise UsageError("--kv-precision fp32: vLLM 0.33 has no such KV cache.", "Give auto, bf16, fp16 or fp8.")
    if kv in LATENT and "latent" not in kinds:
        raise UsageError(f"--kv-precision {kv} is for latent attention (MLA), which this model has not.", "Give fp8.")
    if kv in (*PER_TOKEN_HEAD, *TURBOQUANT, "nvfp4") and "latent" in kinds:
        raise UsageError(f"--kv-precision {kv} is not for latent attention (MLA).", "Give fp8.")
    if kv == "nvfp4" and capability(d.gpu)[0] != 10:
        name = ASSUMED if d.gpu is None else d.gpu.name
        raise UsageError(f"--kv-precision nvfp4: {name} has no kernels for it.", "Give fp8, or a --gpu that has.")


def _check_context_parallel(spec: ModelSpec, d: Deployment, kinds: set[str], kv_heads: int) -> None:
    """Ranks that share tokens are those that would hold the same heads (config/parallel.py, config/model.py)."""
    ranks = int(d.knob("decode_context_parallel_size") or 1)
    if ranks == 1:
        return
    option = f"--decode-context-parallel-size {ranks}"
    if d.tp % ranks:
        raise LayoutError(f"{option}: --tp {d.tp} is no multiple of it.", "Give a divisor of --tp.")
    if not kinds <= {"full", "latent"} or len(kinds) != 1:
        other = ", ".join(sorted(kinds - {"full", "latent"})) or "both full and latent"
        raise LayoutError(f"{option}: how it shares this model's caches ({other}) is not known to llmmem.", "Give 1.")
    heads = max((w.heads for b in spec.blocks for w in b.work if b.component == "language"), default=1)
    most = d.tp // kv_heads
    if "full" in kinds and (ranks > most or heads // kv_heads % ranks):
        raise LayoutError(
            f"{option}: with {heads} heads, {kv_heads} of keys and values, and --tp {d.tp} at most {max(most, 1)} ranks"
            " hold the same ones.",
            "Give a divisor of that, or a larger --tp.",
        )
