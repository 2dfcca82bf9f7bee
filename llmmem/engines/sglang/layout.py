"""Which layouts SGLang 0.5.23 takes."""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.dtypes import GGUF_RECIPES
from llmmem.engines.transformers import check_layout as check_heads
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.tensors import ModelSpec


def check_layout(spec: ModelSpec, d: Deployment) -> None:
    """Whether SGLang runs the model so.

    Raises:
        UnsupportedArchitectureError: a GGUF file, whose weights SGLang holds in its own way.
        LayoutError: heads that ranks cannot share; experts over other ranks than all.
        UsageError: weights it does not load; a KV format it has not.
    """
    if spec.measured == "gguf" or d.precision in GGUF_RECIPES:
        raise UnsupportedArchitectureError(
            "How SGLang holds the weights of GGUF files is not described here.", "Use --engine llama.cpp."
        )
    check_heads(spec, d.tp)
    ranks = d.tp * d.dp
    if d.ep not in (1, ranks):
        raise LayoutError(
            f"--ep {d.ep}: SGLang's --ep-size is here the number of all ranks, {ranks}, or 1.", f"Give --ep {ranks}."
        )
    if d.kv_precision not in ("auto", "bf16", "fp8"):
        raise UsageError(f"--kv-precision {d.kv_precision}: SGLang has no such KV cache.", "Give auto, bf16 or fp8.")
