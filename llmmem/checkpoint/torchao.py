"""Checkpoints in torchao's formats.

Source: transformers 5.23 (TorchAoConfig), torchao 0.18 (quantization/quant_api.py, core/config.py for how it spells
its configs). Which layers are converted: as for bitsandbytes.
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.libraries import torchao_int4, torchao_rows, torchao_tensor
from llmmem.checkpoint.matrices import Scheme
from llmmem.checkpoint.reading import check_keys, group, unsupported
from llmmem.checkpoint.runtimes import linear_layer, skipped_names
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tensor

DYNAMIC_FP8 = ("Float8DynamicActivationFloat8WeightConfig", "Float8DynActFloat8WeightConfig")


def read_torchao(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Weight-only and dynamic formats of 8 and 4 bits, one for all layers."""
    kind = c.get("quant_type")
    if isinstance(kind, str):  # the names of earlier versions: int8_weight_only
        own = c.sub("quant_type_kwargs")
        name = "".join(part.capitalize() for part in kind.split("_")) + "Config"
    else:
        whole = c.sub("quant_type")
        if {*whole.raw} - {"default"}:
            raise unsupported(f"{c.path}.quant_type: llmmem knows torchao checkpoints of one format for all layers.")
        default = whole.sub("default")
        name, own = default.str("_type"), default.sub("_data")
    scheme, label = _scheme(name, own, compute)
    check_keys(own)
    if c.bool("include_input_output_embeddings"):
        raise unsupported("torchao's quantised embeddings are stored in a way llmmem does not know.")
    skipped = skipped_names(c, "modules_to_not_convert")

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return scheme if linear_layer(name, t, skipped) else None

    why = f"quantization_config: torchao {name[:60]}; the rest stays {compute}"
    return Plan(label, why, pick, () if skipped is None else (skipped,))


def _scheme(name: str, c: Config, compute: str) -> tuple[Scheme, str]:
    # What is multiplied in which type, and what sets scales up: none of it changes what is stored.
    c.get("set_inductor_config", "int4_choose_qparams_algorithm", "int4_tile_packed_ntile", "act_mapping_type")
    c.get("weight_dtype", "activation_dtype", "mm_config", "weight_only_decode", "reduce_range")
    where = _word(c.get("granularity"))
    rows, single = where in ("", "perrow"), where == "pertensor"
    if name in ("Int8WeightOnlyConfig", "Int8DynamicActivationInt8WeightConfig") and rows and not c.get("group_size"):
        c.get("layout")
        return torchao_rows("int8", zeros=True), "int8"
    if name == "Float8WeightOnlyConfig" and (rows or single):
        return (torchao_tensor if single else torchao_rows("fp8", zeros=False)), "fp8"
    if name in DYNAMIC_FP8 and (rows or single):  # where nothing is said, one scale for all
        return (torchao_rows("fp8", zeros=False) if where == "perrow" else torchao_tensor), "fp8"
    plain = _word(c.get("int4_packing_format")) in ("", "plain") and not c.get("layout")
    if name == "Int4WeightOnlyConfig" and plain:
        return torchao_int4(group(c, "group_size", default=128, whole=False) or 128, compute), "int4"
    raise unsupported(f"torchao's {name[:60]!r} is stored in a way llmmem does not know, or with such options.")


def _word(value: object) -> str:
    """The name of a granularity or a packing, as torchao writes it: a word, an object, a pair of which the last
    is that of the weights."""
    if isinstance(value, list):
        value = value[-1] if value else None
    if isinstance(value, dict):
        kind = str(value.get("_type"))
        value = value.get("_data") if kind.endswith("Format") else kind
    return "" if value is None else str(value).lower().rpartition(".")[2]
