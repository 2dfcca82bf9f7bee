"""Checkpoints saved after bitsandbytes or HQQ quantised the model as it was loaded.

Source: transformers 5.23 (BitsAndBytesConfig, HqqConfig and their quantizers): every linear layer, towers and
projectors included, but not the output head (quantizers/base.py, get_keys_to_not_convert) unless a list of modules to
skip leaves it out. Routers are no linear layers, nor are experts stored as stacks.
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.libraries import bnb_4bit, bnb_int8, hqq
from llmmem.checkpoint.matrices import Scheme, is_matrix, is_module
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import bits, group, known, unsupported, words
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor


def linear_layer(name: str, t: Tensor, skipped: Names | None) -> bool:
    """Whether the tools convert it; ``skipped`` None: nothing is listed, so the head stays."""
    if t.role == "head":
        return skipped is not None and len(t.shape) == 2 and name not in skipped
    return is_matrix(t) and is_module(t) and (skipped is None or name not in skipped)


def skipped_names(c: Config, key: str) -> Names | None:
    """A list of modules to skip, None where there is none."""
    listed = words(c, key)
    return None if listed is None else Names(listed, "module", f"{c.path}.{key}")


def read_bitsandbytes(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """LLM.int8, nf4 or fp4."""
    eight = c.bool("load_in_8bit") or c.bool("_load_in_8bit")
    four = c.bool("load_in_4bit") or c.bool("_load_in_4bit")
    kind = known(c, "bnb_4bit_quant_type", ("nf4", "fp4"), "fp4")
    nested = c.bool("bnb_4bit_use_double_quant")
    # Values are the same bytes under another element type.
    known(c, "bnb_4bit_quant_storage", ("uint8", "int8", "float16", "bfloat16", "float32", "float64"), "uint8")
    if eight == four:
        raise ConfigError(
            f"{c.path} should have load_in_8bit or load_in_4bit true, one of them.", "Check the quantization_config."
        )
    if c.bool("llm_int8_has_fp16_weight"):
        raise unsupported("The checkpoint keeps 16-bit weights beside LLM.int8 ones, which llmmem does not know.")
    skipped = skipped_names(c, "llm_int8_skip_modules")
    if eight:
        scheme, label, what = bnb_int8(saved=True), "int8", "LLM.int8, one fp32 scale per output row"
    else:
        scheme, label = bnb_4bit(kind, compute, nested=nested, saved=True), kind
        what = f"{kind} with a scale per 64 values" + (
            ", itself in 8 bits (the texts beside them are within 4 bytes each)" if nested else ""
        )

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return scheme if linear_layer(name, t, skipped) else None

    why = f"quantization_config: bitsandbytes, {what}; the rest stays {compute}"
    return Plan(label, why, pick, () if skipped is None else (skipped,))


def read_hqq(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """One set of parameters for all linear layers, or one for each kind ("self_attn.q_proj")."""
    inner = c.sub("quant_config")
    listed = words(c, "skip_modules")
    skips = {"lm_head"} if listed is None else {*listed}
    raw = inner.raw or {k: v for k, v in c.raw.items() if k in ("nbits", "group_size", "axis", "weight_quant_params")}
    each: dict[str, Scheme] = {}
    if not raw or {"weight_quant_params", "nbits"} & {*raw}:
        whole, label = _hqq(Config(raw, inner.path or c.path), compute)
        c.get("nbits", "group_size", "axis", "view_as_float", "weight_quant_params")
    else:
        whole, labels = None, set()
        for tag, params in raw.items():
            each[tag], label = _hqq(Config(params, f"{inner.path}.{tag[:60]}"), compute)
            labels.add(label)
        label = labels.pop() if len(labels) == 1 else "mixed"

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        # The kind of a layer is its name without indices (integrations/hqq.py, name_to_linear_tag).
        tag = ".".join(n for n in name.split(".") if n not in ("model", "layers") and not n.isnumeric())
        wanted = (is_matrix(t) and is_module(t)) or (t.role == "head" and len(t.shape) == 2)
        return (each.get(tag) if each else whole) if wanted and tag not in skips else None

    why = f"quantization_config: HQQ, {label.removeprefix('hqq-')} values with scale and zero per group"
    return Plan(label, f"{why}; the rest stays {compute}", pick)


def _hqq(c: Config, compute: str) -> tuple[Scheme, str]:
    for part in ("scale_quant_params", "zero_quant_params"):
        if c.get(part):
            raise unsupported(f"{c.path}.{part}: HQQ's quantised scales are stored in a way llmmem does not know.")
    weights = c.sub("weight_quant_params") if c.has("weight_quant_params") else c
    width = bits(weights, "nbits", known=(8, 4, 3, 2, 1), default=4)
    size = group(weights, "group_size", default=64) if weights.get("group_size") is not None else None
    if weights.int("axis", default=1) != 1:
        raise unsupported(f"{weights.path}.axis is 0; llmmem knows HQQ's groups along the inputs (axis 1).")
    return hqq(width, size, compute), f"hqq-int{width}"
