"""quant_method -> the function that reads it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from llmmem.checkpoint.assign import Pick, Plan
from llmmem.checkpoint.matrices import Scheme
from llmmem.checkpoint.reading import check_keys, unsupported
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tensor

Reader = Callable[[Config, ModelSpec, str], Plan]

#: quant_method -> module and function
METHODS = {
    "aqlm": "codebooks.read_aqlm",
    "auto-round": "auto_round.read_auto_round",
    "awq": "gptq.read_awq",
    "awq_marlin": "gptq.read_awq",
    "bitnet": "codebooks.read_bitnet",
    "bitsandbytes": "runtimes.read_bitsandbytes",
    "compressed-tensors": "compressed.read_compressed",
    "eetq": "codebooks.read_eetq",
    "fbgemm_fp8": "fp8.read_fbgemm",
    "fp8": "fp8.read_fp8",
    "gptq": "gptq.read_gptq",
    "gptq_marlin": "gptq.read_gptq",
    "hqq": "runtimes.read_hqq",
    "intel/auto-round": "auto_round.read_auto_round",
    "mlx": "mlx.read_mlx",
    "modelopt": "modelopt.read_modelopt",
    "modelopt_fp4": "modelopt.read_modelopt",
    "modelopt_mixed": "modelopt.read_modelopt",
    "mxfp4": "fp8.read_mxfp4",
    "quark": "quark.read_quark",
    "torchao": "torchao.read_torchao",
}

#: keys only one method's config has, for configs that do not name it
_SIGNS = (
    ("config_groups", "compressed-tensors"),  # asked after quant_algo, which modelopt adds
    ("load_in_4bit", "bitsandbytes"),  # transformers before 4.35
    ("load_in_8bit", "bitsandbytes"),
    ("desc_act", "gptq"),  # quantize_config.json of AutoGPTQ
    ("zero_point", "awq"),  # quant_config.json of AutoAWQ
)


def method_of(c: Config) -> str:
    """The method a config names, or the one its keys show."""
    named = c.str("quant_method").lower().replace("compressed_tensors", "compressed-tensors")
    if named:
        return named
    inner = c.raw.get("quantization")
    if c.get("quant_algo") or (isinstance(inner, dict) and "quant_algo" in inner):
        return "modelopt"
    for key, method in _SIGNS:
        if key in c.raw:
            return method
    # mlx-lm names no method; its group_size is never missing.
    return "mlx" if {"group_size", "bits"} <= {*c.raw} else ""


def _within(pick: Pick, within: str | tuple[str, ...]) -> Pick:
    """For a config of a sub-model, or of several: what is outside stays as it is, and names are its own."""
    prefixes = (within,) if isinstance(within, str) else within

    def inside(name: str, block: Block, t: Tensor) -> Scheme | None:
        prefix = next((p for p in prefixes if name.startswith(p)), None)
        return None if prefix is None else pick(name[len(prefix) :], block, t)

    return inside


def own_plan(spec: ModelSpec, compute: str) -> Plan:
    """How the checkpoint is stored, as its quantization_config says.

    Raises:
        UnsupportedArchitectureError: in a way llmmem does not know.
        ConfigError: in a way that makes no sense.
    """
    c = Config(spec.quantization or {}, "quantization_config")
    method = method_of(c)
    if method not in METHODS:
        raise unsupported(
            f"The checkpoint is quantised with {(method or 'unnamed')[:40]!r}, whose storage llmmem does not know yet."
        )
    module, _, name = METHODS[method].partition(".")
    reader: Reader = getattr(import_module(f"llmmem.checkpoint.{module}"), name)
    plan = reader(c, spec, compute)
    if spec.quantized_within:
        plan = plan._replace(pick=_within(plan.pick, spec.quantized_within))
    if method != "mlx":  # whose other keys are paths of layers
        check_keys(c)
    return plan
