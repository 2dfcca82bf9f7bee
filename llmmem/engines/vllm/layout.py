"""Which layouts vLLM 0.33 takes.

Sources: config/model.py (verify_with_parallel_config), config/parallel.py (expert parallel ranks are all tensor and
data parallel ones), distributed/utils.py (stages).
"""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.dtypes import GGUF_RECIPES
from llmmem.engines.transformers import check_layout as check_heads
from llmmem.engines.vllm.content import LATENT, PER_TOKEN_HEAD, TURBOQUANT
from llmmem.engines.vllm.defaults import capability
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
    kinds = {cache.kind for block in spec.blocks if block.loaded for cache in block.caches}
    _check_kv(d, kinds)


def _check_kv(d: Deployment, kinds: set[str]) -> None:
    kv = d.kv_precision
    if kv == "fp32":
        raise UsageError("--kv-precision fp32: vLLM 0.33 has no such KV cache.", "Give auto, bf16, fp16 or fp8.")
    if kv in LATENT and "latent" not in kinds:
        raise UsageError(f"--kv-precision {kv} is for latent attention (MLA), which this model has not.", "Give fp8.")
    if kv in (*PER_TOKEN_HEAD, *TURBOQUANT, "nvfp4") and "latent" in kinds:
        raise UsageError(f"--kv-precision {kv} is not for latent attention (MLA).", "Give fp8.")
    if kv == "nvfp4" and d.gpu is not None and capability(d.gpu)[0] != 10:
        raise UsageError(f"--kv-precision nvfp4: {d.gpu.name} has no kernels for it.", "Give fp8.")
