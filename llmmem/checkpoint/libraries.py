"""What bitsandbytes, HQQ and torchao make of a linear layer; measured tensor by tensor.

Sources: bitsandbytes 0.50 (functional.py, QuantState.as_dict), HQQ 0.2 (core/quantize.py and bitpack.py), torchao 0.18
(quantization/quantize_/workflows). bitsandbytes and HQQ read a matrix row by row, whatever its shape.
"""

from __future__ import annotations

from math import prod

from llmmem.checkpoint.matrices import Scheme, Tensors, derived, flattened, groups, one, sides, stem
from llmmem.tensors import Tensor

#: scales of scales that share a scale of their own, and the values of an 8-bit map (bitsandbytes)
NESTED_BLOCK, NESTED_MAP = 256, 256

_TORCH = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def bnb_int8(*, saved: bool) -> Scheme:
    """LLM.int8 (arXiv:2208.07339): one fp32 scale per output; files also say in one byte how the rows lie."""

    def store(t: Tensor) -> Tensors:
        out = (t._replace(dtype="int8"), derived(t, stem(t) + ".SCB", "o", "fp32"))
        return (*out, one(t, stem(t) + ".weight_format", "uint8")) if saved else out

    return store


def bnb_4bit(kind: str, compute: str, *, block: int = 64, nested: bool, saved: bool) -> Scheme:
    """nf4 or fp4 (arXiv:2305.14314): a scale per 64 values, in 8 bits with scales of their own where ``nested``.

    Args:
        kind: "nf4" or "fp4".
        compute: dtype the values are restored to.
        saved: as files hold it, with a text of facts; without, as memory does, where the offset is a tensor.
    """

    def store(t: Tensor) -> Tensors:
        count = prod(t.shape)
        scales = -(-count // block)
        name = stem(t) + ".weight"
        out = [
            flattened(t, name, -(-count // 2), "uint8", tail=(1,), role=t.role),
            flattened(t, name + ".absmax", scales, "uint8" if nested else "fp32"),
            one(t, name + ".quant_map", "fp32", (16,)),
        ]
        if nested:
            out.append(flattened(t, name + ".nested_absmax", -(-scales // NESTED_BLOCK), "fp32"))
            out.append(one(t, name + ".nested_quant_map", "fp32", (NESTED_MAP,)))
            if not saved:
                out.append(one(t, name + ".nested_offset", "fp32"))
        if saved:
            length = len(_facts(kind, compute, sides(t), block, nested))
            out.append(one(t, f"{name}.quant_state.bitsandbytes__{kind}", "uint8", (length,)))
        return tuple(out)

    return store


def _facts(kind: str, compute: str, shape: tuple[int, int], block: int, nested: bool) -> str:
    """The JSON text bitsandbytes saves; the offset is a float of 15 to 20 digits, of which 19 are the most common."""
    offset = ', "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": ' + 19 * "0" if nested else ""
    text = f'{{"quant_type": "{kind}", "blocksize": {block}, "dtype": "{_TORCH[compute]}", "shape": {[*shape]}'
    return text + offset + "}"


def hqq(width: int, size: int | None, compute: str) -> Scheme:
    """Values packed across groups, two 4-bit ones to a byte, ten 3-bit ones to 32 bits; scale and zero per group."""
    values, dtype = {8: (1, "uint8"), 4: (2, "uint8"), 3: (10, "int32"), 2: (4, "uint8"), 1: (8, "uint8")}[width]

    def store(t: Tensor) -> Tensors:
        length = size or sides(t)[1]
        count = -(-prod(t.shape) // length)
        return (
            flattened(t, stem(t) + ".W_q", -(-count // values), dtype, tail=(length,), role=t.role),
            flattened(t, stem(t) + ".scale", count, compute, tail=(1,)),
            flattened(t, stem(t) + ".zero", count, compute, tail=(1,)),
        )

    return store


def torchao_rows(value: str, *, zeros: bool) -> Scheme:
    """8-bit values with one fp32 scale per output, and (integers) a zero point."""

    def store(t: Tensor) -> Tensors:
        name = stem(t) + "._weight_"
        out = (
            derived(t, name + "qdata", "oi", value, role=t.role),
            derived(t, name + "scale", "o", "fp32", tail=(1,)),
        )
        return (*out, derived(t, name + "zero_point", "o", "int8", tail=(1,))) if zeros else out

    return store


def torchao_tensor(t: Tensor) -> Tensors:
    """fp8 values with one fp32 scale for all."""
    name = stem(t) + "._weight_"
    return derived(t, name + "qdata", "oi", "fp8", role=t.role), one(t, name + "scale", "fp32", (1, 1))


def torchao_int4(size: int, compute: str) -> Scheme:
    """4-bit values, two to a byte, with a scale and a zero point per group in the model's dtype."""

    def store(t: Tensor) -> Tensors:
        name, per = stem(t) + "._weight_", groups(t, size)
        return (
            derived(t, name + "qdata", "oi", "int8", i=(1, 2), role=t.role),
            derived(t, name + "scale", "io", compute, i=per),
            derived(t, name + "zero_point", "io", compute, i=per),
        )

    return store
