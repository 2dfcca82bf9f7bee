"""AQLM, EETQ and BitNet: each with a linear layer of its own.

Sources: aqlm 1.1 (inference.py, QuantizedLinear; utils.py, get_int_dtype), transformers 5.23 (integrations/eetq.py,
EetqLinear, and bitnet.py, BitLinear and AutoBitLinear).
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.matrices import Scheme, Tensors, derived, is_matrix, is_module, one, sides, stem
from llmmem.checkpoint.names import Names
from llmmem.checkpoint.reading import known, unsupported, words
from llmmem.checkpoint.runtimes import linear_layer, skipped_names
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor

#: ternary values that share a byte in BitNet's files
TERNARY = 4
#: no codebook is longer: 2 to the power of the bits of a code
MOST_BITS = 16


def aqlm(c: Config, books: int, width: int, rows: int, columns: int, compute: str) -> Scheme:
    """For every group of weights a code per codebook, for every group of outputs a scale (arXiv:2401.06118)."""
    code = "int8" if width <= 8 else "int16"

    def store(t: Tensor) -> Tensors:
        name, (outputs, inputs) = stem(t), sides(t)
        divide(c, f"groups of outputs of {name[:80]}", outputs, rows)
        divide(c, f"groups of inputs of {name[:80]}", inputs, columns)
        return (
            derived(t, name + ".codes", "oi", code, o=(1, rows), i=(1, columns), tail=(books,), role=t.role),
            one(t, name + ".codebooks", compute, (books, 2**width, rows, columns)),
            derived(t, name + ".scales", "o", compute, o=(1, rows), tail=(1, 1, 1)),
        )

    return store


def read_aqlm(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Every linear layer that is not listed, the output head too."""
    rows, columns = c.int("out_group_size", default=1, least=1), c.int("in_group_size", default=8, least=1)
    books, width = c.int("num_codebooks", default=1, least=1), c.int("nbits_per_codebook", default=16, least=1)
    if books > MOST_BITS or width > MOST_BITS:
        raise ConfigError(
            f"{c.path}: {books:,} codebooks of {width:,} bits are more than any model has.",
            "Check the quantization_config.",
        )
    listed = words(c, "linear_weights_not_to_quantize") or ()
    skipped = Names(listed, "module", f"{c.path}.linear_weights_not_to_quantize")
    scheme = aqlm(c, books, width, rows, columns, compute)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        wanted = (is_matrix(t) and is_module(t)) or (t.role == "head" and len(t.shape) == 2)
        return scheme if wanted and name not in skipped else None

    why = (
        f"quantization_config: AQLM, {books} x {width} bits for every {rows} x {columns} weights, codebooks and scales;"
        f" the rest stays {compute}"
    )
    return Plan("aqlm", why, pick, (skipped,))


def _eetq(t: Tensor) -> Tensors:
    return (
        derived(t, stem(t) + ".weight", "io", "int8", role=t.role),
        derived(t, stem(t) + ".weight_scales", "o", "fp16"),
    )


def read_eetq(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """8-bit integers with one scale per output."""
    known(c, "weights", ("int8",), "int8")
    skipped = skipped_names(c, "modules_to_not_convert")

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return _eetq if linear_layer(name, t, skipped) else None

    why = f"quantization_config: EETQ, int8 matrices with one fp16 scale per output; the rest stays {compute}"
    return Plan("int8", why, pick, () if skipped is None else (skipped,))


def read_bitnet(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """Ternary weights, four to a byte; what autobitlinear unpacks as it loads is counted as it is in memory."""
    kind = known(c, "linear_class", ("bitlinear", "autobitlinear"), "bitlinear")
    mode = known(c, "quantization_mode", ("offline", "online"), "offline")
    if c.bool("use_rms_norm"):
        raise unsupported("The checkpoint has norms inside its BitNet layers, which llmmem does not know.")
    c.number("rms_norm_eps", default=0)
    skipped = skipped_names(c, "modules_to_not_convert")
    packed = kind == "bitlinear"

    def store(t: Tensor) -> Tensors:
        scale = one(t, stem(t) + ".weight_scale", compute, (1,))
        if packed:
            divide(c, f"outputs of {stem(t)[:80]}", sides(t)[0], TERNARY)
            return derived(t, t.name, "oi", "uint8", o=(1, TERNARY), role=t.role), scale
        return (t._replace(dtype=compute),) if mode == "online" else (t._replace(dtype=compute), scale)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return store if linear_layer(name, t, skipped) else None

    how = "four to a byte" if packed else f"as autobitlinear holds them in memory ({compute}; files pack them)"
    why = f"quantization_config: BitNet, ternary weights {how}, one scale per matrix; the rest stays {compute}"
    return Plan("bitnet", why, pick, () if skipped is None else (skipped,))
