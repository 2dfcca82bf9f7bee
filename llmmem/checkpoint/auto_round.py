"""auto-round: the tensors of GPTQ or AWQ, packed by a tool of its own.

Source: auto-round 0.8 (auto_round_extension/torch/qlinear_torch.py and qlinear_torch_zp.py: no index of groups;
export_to_autoround/export.py for extra_config).
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.gptq import STACKS, WIDTHS, awq, gptq
from llmmem.checkpoint.matrices import Scheme, is_layer, is_matrix, is_module
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import bits, group, known, unsupported
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tensor

#: how integers may be packed; floats have other formats
PACKINGS = (
    "auto_round:auto_gptq", "auto_round:gptq", "auto_round:gptq:exllamav2", "auto_round:exllamav2", "auto_round",
    "auto_round:auto_awq", "auto_round:awq",
)  # fmt: skip
#: bits of a layer that stays as it is
PLAIN = (16, 32)


def read_auto_round(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """The linear layers of every block of the text stack, save for those ``extra_config`` stores otherwise."""
    known(c, "data_type", ("int",), "int")
    if c.int("act_bits", default=16) < 16:
        raise unsupported("auto-round's quantised activations are stored in a way llmmem does not know.")
    known(c, "scale_dtype", ("", "torch.float16", "torch.bfloat16", "fp16", "bf16", "float16", "bfloat16"))
    # Which samples, how scales were found, how activations would be: nothing of it is stored.
    c.get("sym", "block_name_to_quantize", "to_quant_block_names", "quant_lm_head", "nblocks", "scale_dtype")
    c.get("act_dynamic", "act_group_size", "act_sym", "act_data_type", "enable_quanted_input")
    # Until 0.4 the packing was called the backend, and AutoGPTQ's layer stored an index of groups.
    named = c.has("packing_format")
    packing = known(c, "packing_format" if named else "backend", PACKINGS, PACKINGS[0])
    index = not named and "gptq" in c.str("backend")
    c.get("backend")
    size = group(c, "group_size", default=128)
    width = bits(c, "bits", known=WIDTHS)
    scheme = _scheme(packing, width, size, compute, index)
    rules: list[tuple[Names, Scheme | None]] = []
    for name, raw in c.sub("extra_config").raw.items():
        own = Config(raw, f"{c.path}.extra_config.{name[:60]}")
        own_width = bits(own, "bits", known=(*WIDTHS, *PLAIN), default=width)
        own_size = group(own, "group_size", default=size or -1)
        entry = f"re:{name}" if any(sign in name for sign in "*\\^$[(") else name
        found = None if own_width in PLAIN else _scheme(packing, own_width, own_size, compute, index)
        rules.append((Names([entry], "exact", own.path), found))

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        head = t.role == "head" and len(t.shape) == 2
        if not head and not (is_matrix(t) and is_module(t) and is_layer(block)):
            return None
        for names, found in rules:
            if name in names:
                return found
        return None if head else scheme

    per = f"{size} inputs" if size else "output"
    why = (
        f"quantization_config: auto-round, {width}-bit integers with a scale and a zero point per {per}; the rest stays"
        f" {compute}"
    )
    return Plan(f"gptq-int{width}", why, pick, tuple(names for names, _ in rules), unstack=STACKS)


def _scheme(packing: str, width: int, size: int | None, compute: str, index: bool) -> Scheme:
    if "awq" in packing:
        if width != 4:
            raise unsupported(f"auto-round packs {width} bits in AWQ's way, which llmmem does not know.")
        return awq(size, compute)
    packed = gptq(width, size, compute)
    return lambda t: tuple(part for part in packed(t) if index or not part.name.endswith(".g_idx"))
