"""nvidia-modelopt: FP8, NVFP4 and mixtures of them.

Source: nvidia-modelopt 0.47 (torch/export/unified_export_hf.py and quant_utils.py for the tensors, moe_utils.py for
experts, which are stored one by one unless their stacks are (experts, inputs, outputs); convert_hf_config.py for the
forms of the config). Single scales are fp32.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.compressed import cache_scales
from llmmem.checkpoint.floats import NV_GROUP, fp8_blocks, fp8_rows, fp8_tensor, mxfp8, nvfp4
from llmmem.checkpoint.matrices import Scheme, is_matrix, is_module
from llmmem.checkpoint.names import Names, Table
from llmmem.checkpoint.reading import check_keys, group, unsupported, words
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tensor

ALGORITHMS = ("FP8", "FP8_PER_CHANNEL_PER_TOKEN", "FP8_PB_WO", "MXFP8", "NVFP4", "W4A16_NVFP4")


def read_modelopt(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Every linear layer that is not excluded, or (mixed precision) those listed one by one."""
    if "quantization" in c.raw:  # the form of hf_quant_config.json
        c.get("producer")
        c = c.sub("quantization")
    listed = [*(words(c, "exclude_modules") or ()), *(words(c, "ignore") or ())]
    excluded = Names(listed, "glob", f"{c.path}.exclude_modules")
    c.get("producer")
    # The same again, for readers of compressed-tensors.
    groups = c.sub("config_groups")
    algorithm = c.str("quant_algo").upper()
    cached = c.get("kv_cache_quant_algo", "kv_cache_scheme")
    beside = None
    if cached == "FP8" or (isinstance(cached, dict) and cached.get("num_bits") == 8):
        beside = cache_scales(lambda parent, side: f"{parent}.{side}_proj.{side}_scale", "fp32")
    if algorithm == "MIXED_PRECISION":
        table, said = _table(c)
        find: Callable[[str], object] = table.find
        lists: tuple[Names | Table, ...] = (table,)
        label, what = "mixed", ", ".join(said)
    else:
        scheme = _scheme(algorithm, c if c.get("group_size") else _first(groups), c.path)
        find, lists = (lambda name: None if name in excluded else scheme), (excluded,)
        label, what = _label(algorithm), algorithm

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        wanted = is_matrix(t) or (t.role == "head" and len(t.shape) == 2)
        return find(name) if wanted and (is_module(t) or t.copies > 1) else None  # type: ignore[return-value]

    why = f"quantization_config: modelopt, {what}; the rest stays {compute}"
    return Plan(label, why, pick, lists, unstack=("oi",), beside=beside)


def _label(algorithm: str) -> str:
    return "nvfp4" if "NVFP4" in algorithm else "mxfp8" if algorithm == "MXFP8" else "fp8"


def _first(groups: Config) -> Config:
    """The weights of the only group of a config_groups, which repeats quant_algo."""
    for key, raw in groups.raw.items():
        return Config(raw, f"{groups.path}.{key[:30]}").sub("weights")
    return groups


def _scheme(algorithm: str, c: Config, where: str) -> Scheme:
    size = group(c, "group_size", default=NV_GROUP, whole=False) if "NVFP4" in algorithm else None
    if algorithm == "FP8":
        return fp8_tensor(activation="input_scale")
    if algorithm == "FP8_PER_CHANNEL_PER_TOKEN":
        return fp8_rows(flat=True)
    if algorithm == "FP8_PB_WO":
        return fp8_blocks(128, 128, name="weight_scale")
    if algorithm == "MXFP8":
        return mxfp8
    if algorithm in ("NVFP4", "W4A16_NVFP4"):
        second = "input_scale" if algorithm == "NVFP4" else ""
        return nvfp4("weight", "weight_scale_2", second, size=size or NV_GROUP)
    raise unsupported(
        f"{where}.quant_algo is {algorithm[:40]!r}; llmmem knows {', '.join(ALGORITHMS)} and MIXED_PRECISION."
    )


def _table(c: Config) -> tuple[Table, list[str]]:
    """quantized_layers: name -> scheme, and the algorithms among them."""
    schemes: dict[tuple[str, Any], Scheme] = {}
    rows: dict[str, object] = {}
    layers = c.sub("quantized_layers").raw
    if not layers:
        raise unsupported(f"{c.path} is of mixed precision but has no quantized_layers.")
    for name, raw in layers.items():
        if not isinstance(raw, dict):
            raw = Config(raw, f"{c.path}.quantized_layers.{name[:60]}").raw  # says what is wrong
        key = (str(raw.get("quant_algo", "")).upper(), repr(raw.get("group_size")))
        if key not in schemes:
            own = Config(raw, f"{c.path}.quantized_layers.{name[:60]}")
            schemes[key] = _scheme(key[0], own, own.path)
            own.str("quant_algo"), own.get("group_size")
            check_keys(own)
        rows[name] = schemes[key]
    return Table(rows), sorted({algorithm for algorithm, _ in schemes})
