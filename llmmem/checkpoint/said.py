"""What a quantization_config says that engines ask for, beside how the tensors are stored."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.config import Config
from llmmem.tensors import ModelSpec


class Said(NamedTuple):
    """Facts of a quantised checkpoint."""

    #: the tool or format it names; "" where it is not quantised
    method: str = ""
    #: GPTQ's inputs are sorted into groups by importance (desc_act)
    sorted_inputs: bool = False
    #: what its KV cache was calibrated for: fp8 or nvfp4; "" where nothing is said
    cache: str = ""


def said(spec: ModelSpec) -> Said:
    """What the checkpoint's quantization_config says.

    Raises:
        ConfigError: in a way that makes no sense.
    """
    if not spec.quantization:
        return Said()
    from llmmem.checkpoint.methods import method_of

    c = Config(spec.quantization, "quantization_config")
    method = method_of(c)
    ordered = "gptq" in method and c.bool("desc_act") and c.int("group_size", default=128) != -1
    return Said(method, ordered, _cache(c, method))


def _cache(c: Config, method: str) -> str:
    inner = c.sub("quantization") if method.startswith("modelopt") and c.get("quantization") else c
    if method not in ("compressed-tensors", "modelopt", "modelopt_fp4", "modelopt_mixed"):
        return ""
    scheme = inner.get("kv_cache_scheme") or c.get("kv_cache_scheme")
    if isinstance(scheme, dict):
        return "nvfp4" if scheme.get("num_bits") == 4 else "fp8"
    stated = inner.get("kv_cache_quant_algo") or c.get("kv_cache_quant_algo")
    return {"FP8": "fp8", "NVFP4": "nvfp4"}.get(str(stated).upper(), "")
