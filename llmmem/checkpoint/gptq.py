"""GPTQ and AWQ: integers packed into 32-bit words, a scale and a zero point per group of inputs.

Sources: AutoGPTQ 0.7.1 (nn_modules/qlinear/qlinear_cuda.py, modeling/_utils.py), GPTQModel (the same tensors; its
``dynamic`` rules), AutoAWQ 0.2.9 (modules/linear/gemm.py), transformers 5.23 (GPTQConfig, AwqConfig).
"""

from __future__ import annotations

import re
from typing import Any

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.matrices import Scheme, Tensors, derived, groups, is_layer, is_matrix, is_module, stem
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import bits, group, known, unsupported, words
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor

WIDTHS = (2, 3, 4, 8)
#: both tools quantise experts one by one, however the model stores them
STACKS = ("oi", "io")


def gptq(width: int, size: int | None, scales: str, *, bias: bool = False) -> Scheme:
    """Packed along the inputs; ``g_idx`` says for every input which group it is in, whatever its order.

    Args:
        size: inputs of a group, None for all of them.
        scales: dtype of the scales.
        bias: AutoGPTQ gives every layer a bias, of zeros where the model has none (make_quant passes bias=True).
    """

    def store(t: Tensor) -> Tensors:
        per = groups(t, size)
        out = (
            derived(t, stem(t) + ".qweight", "io", "int32", i=(width, 32), role=t.role),
            derived(t, stem(t) + ".qzeros", "io", "int32", i=per, o=(width, 32)),
            derived(t, stem(t) + ".scales", "io", scales, i=per),
            derived(t, stem(t) + ".g_idx", "i", "int32"),
        )
        return (*out, derived(t, stem(t) + ".bias", "o", scales)) if bias else out

    return store


def awq(size: int | None, scales: str) -> Scheme:
    """Four bits packed along the outputs."""

    def store(t: Tensor) -> Tensors:
        per = groups(t, size)
        return (
            derived(t, stem(t) + ".qweight", "io", "int32", o=(4, 32), role=t.role),
            derived(t, stem(t) + ".qzeros", "io", "int32", i=per, o=(4, 32)),
            derived(t, stem(t) + ".scales", "io", scales, i=per),
        )

    return store


def _refuse_repacked(c: Config) -> None:
    known(c, "checkpoint_format", ("gptq", "gptq_v2", "gptq_p"), default="gptq")
    known(c, "format", ("gptq", "gptq_v2"), default="gptq")
    known(c, "pack_dtype", ("int32", "torch.int32"), default="int32")
    if c.bool("is_marlin_format"):
        raise unsupported("The checkpoint is stored in Marlin's own order, which llmmem does not know.")


def read_gptq(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """The linear layers of every block of the text stack; embeddings, routers and towers stay, and so does the head
    unless ``lm_head`` is true (GPTQModel)."""
    _refuse_repacked(c)
    width = bits(c, "bits", "w_bit", known=WIDTHS)
    size = group(c, "group_size", default=128)
    c.bool("desc_act"), c.bool("sym")  # the order of the inputs and the zero points: neither changes a shape
    head = c.bool("lm_head")
    inside = _inside(c)
    rules = [_rule(c, pattern, rule, width, size, compute) for pattern, rule in _dynamic(c).items()]
    # Only AutoGPTQ writes model_file_base_name; GPTQModel, which took over from it, adds "meta".
    padded = c.has("model_file_base_name") and not c.raw.get("meta")
    plain, biased = gptq(width, size, compute), gptq(width, size, compute, bias=True)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        if t.role == "head":
            wanted = head and len(t.shape) == 2
        else:
            wanted = is_matrix(t) and is_module(t) and is_layer(block) and (not inside or name.endswith(inside))
        if not wanted:
            return None
        for found, scheme in rules:
            if name in found:
                return scheme
        own_bias = any(other.name == stem(t) + ".bias" for other in block.tensors)
        return biased if padded and not own_bias else plain

    per = f"{size} inputs" if size else "output"
    why = (
        f"quantization_config: GPTQ, {width}-bit integers with a scale and a zero point per {per}"
        f"{' (and a bias for every layer, as AutoGPTQ writes)' if padded else ''}; the rest stays {compute}"
    )
    return Plan(f"gptq-int{width}", why, pick, tuple(found for found, _ in rules), unstack=STACKS)


def _inside(c: Config) -> tuple[str, ...]:
    """modules_in_block_to_quantize: the ends of the names that are quantised, in groups or not; all where it is not."""
    listed = c.list("modules_in_block_to_quantize") or []
    flat = [n for entry in listed for n in (entry if isinstance(entry, list) else [entry])]
    if not all(isinstance(n, str) and n for n in flat):
        raise ConfigError(f"{c.path}.modules_in_block_to_quantize should list names.", "Check the quantization_config.")
    return tuple("." + n for n in flat)


def _dynamic(c: Config) -> dict[str, Any]:
    rules = c.get("dynamic")
    if rules is None or rules is False:
        return {}
    return c.sub("dynamic").raw


def _rule(
    c: Config, pattern: str, rule: Any, width: int, size: int | None, compute: str
) -> tuple[Names, Scheme | None]:
    """One of GPTQModel's rules: "-:PATTERN" leaves modules as they are, any other stores them by its own numbers."""
    where = f"{c.path}.dynamic"
    found = Names([f"re:{re.sub('^[-+]:', '', pattern)}"], "exact", where)
    if pattern.startswith("-:") or rule is False:
        return found, None
    own = Config(rule, f"{where}.{pattern[:30]}")
    own_width = bits(own, "bits", known=WIDTHS, default=width)
    return found, gptq(own_width, group(own, "group_size", default=size or -1), compute)


def read_awq(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """The linear layers of every block of the text stack, except those modules_to_not_convert names a part of."""
    version = c.str("version", "format", default="gemm").lower()
    # exllama and ipex are other kernels for the same file; GEMV and llm-awq pack along the inputs and pad.
    if version not in ("gemm", "exllama", "ipex", "auto"):
        raise unsupported(f"AWQ weights packed for {version[:40]!r} kernels are stored in a way llmmem does not know.")
    bits(c, "bits", "w_bit", known=(4,), default=4)
    size = group(c, "group_size", "q_group_size", default=128)
    c.bool("zero_point", default=True)  # stored either way
    skipped = Names(words(c, "modules_to_not_convert") or (), "part", f"{c.path}.modules_to_not_convert")
    scheme = awq(size, compute)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return scheme if is_matrix(t) and is_module(t) and is_layer(block) and name not in skipped else None

    per = f"{size} inputs" if size else "output"
    why = f"quantization_config: AWQ, 4-bit integers with a scale and a zero point per {per}; the rest stays {compute}"
    return Plan("awq-int4", why, pick, (skipped,), unstack=STACKS)
