"""AMD Quark: FP8 and MXFP4, as far as its published checkpoints show them.

Source: amd-quark 0.13 (torch/export); single scales are fp32.
"""

from __future__ import annotations

from typing import Any

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.compressed import cache_scales
from llmmem.checkpoint.floats import MX_GROUP, fp8_rows, fp8_tensor, mxfp4_packed
from llmmem.checkpoint.matrices import Scheme, is_matrix, is_module
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import known, unsupported, words
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tensor


def read_quark(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Every linear layer that is not excluded, in one format."""
    skipped = Names([*(words(c, "exclude") or ())], "glob", f"{c.path}.exclude")
    for key in ("layer_quant_config", "layer_type_quant_config", "algo_config", "softmax_quant_spec"):
        if c.get(key):
            raise unsupported(f"{c.path}.{key}: llmmem knows Quark checkpoints of one format for all layers.")
    export = c.sub("export")
    known(export, "weight_format", ("real_quantized",), "real_quantized")
    known(export, "pack_method", ("reorder", "order"), "reorder")
    scheme, label = _scheme(c.sub("global_quant_config"))
    beside = None
    if export.get("kv_cache_group") or c.get("kv_cache_quant_config"):
        beside = cache_scales(lambda parent, side: f"{parent}.{side}_proj.output_scale", "fp32")

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        wanted = (is_matrix(t) and is_module(t)) or (t.role == "head" and len(t.shape) == 2)
        return scheme if wanted and name not in skipped else None

    why = f"quantization_config: Quark, {label}; the rest stays {compute}"
    return Plan(label, why, pick, (skipped,), unstack=("oi", "io"), beside=beside)


def _scheme(c: Config) -> tuple[Scheme, str]:
    if c.get("output_tensors") or c.get("bias"):
        raise unsupported(f"{c.path}: Quark's quantised outputs and biases are stored in a way llmmem does not know.")
    weight, inputs = _one(c, "weight"), _one(c, "input_tensors")
    kind = (weight.str("dtype").lower(), weight.str("qscheme").lower())
    static = bool(inputs.raw) and not inputs.bool("is_dynamic")
    if kind[0] in ("fp8_e4m3", "fp8_e5m2") and kind[1] == "per_tensor":
        return fp8_tensor(activation="input_scale" if static else ""), "fp8"
    if kind[0] == "fp8_e4m3" and kind[1] == "per_channel" and not static:
        return fp8_rows(flat=True), "fp8"
    size: Any = weight.int("group_size", default=MX_GROUP) if weight.get("group_size") is not None else None
    if kind == ("fp4", "per_group") and weight.str("scale_format").lower() == "e8m0" and size == MX_GROUP:
        return (lambda t: mxfp4_packed(t, "weight")), "mxfp4"
    raise unsupported(f"Quark's {kind[0][:20]!r} weights with {kind[1][:20]!r} scales are not known to llmmem.")


def _one(c: Config, name: str) -> Config:
    """A spec that may stand in a list of its own."""
    value = c.get(name)
    if isinstance(value, list) and len(value) == 1:
        return Config(value[0], f"{c.path}.{name}")
    return c.sub(name)
