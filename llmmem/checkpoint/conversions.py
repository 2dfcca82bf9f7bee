"""--precision NAME on an unquantised model: what the tool of that name makes of it.

Embeddings, norms, routers, convolutions and the output head stay as they are in all of them.
"""

from __future__ import annotations

from collections.abc import Callable

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.floats import MX_GROUP, NV_GROUP, fp8_rows, mxfp4_packed, nvfp4
from llmmem.checkpoint.gptq import awq, gptq
from llmmem.checkpoint.libraries import bnb_4bit, bnb_int8
from llmmem.checkpoint.matrices import TEXT, Scheme, is_layer, is_matrix, is_module
from llmmem.tensors import Block, ModelSpec, Tensor

GROUP = 128

Wanted = Callable[[Block, Tensor], bool]


def _every(block: Block, t: Tensor) -> bool:
    """Every matrix, experts in stacks too."""
    return is_matrix(t)


def _linear(block: Block, t: Tensor) -> bool:
    """Linear layers only: transformers replaces modules, so experts stored as stacks stay."""
    return is_matrix(t) and is_module(t)


def _layers(block: Block, t: Tensor) -> bool:
    """Linear layers of the text stack's blocks; the tools take stacks of experts apart first."""
    return is_matrix(t) and is_module(t) and is_layer(block)


def _stays(compute: str, more: str = "") -> str:
    return f"embeddings, norms, routers{', head and ' + more if more else ' and head'} stay {compute}"


def conversion(precision: str, spec: ModelSpec, compute: str) -> Plan:
    """The plan of one of dtypes.PRECISIONS that is no plain cast and no recipe of llama.cpp."""
    text = any(block.component in TEXT for block in spec.blocks)

    def reading(block: Block, t: Tensor) -> bool:
        """As llm-compressor's examples: towers and projectors beside a text model stay."""
        return is_matrix(t) and (block.component in (*TEXT, "mtp") or not text)

    # What stays is named where the model has it.
    stacked = any(is_matrix(t) and not is_module(t) for b in spec.blocks for t in b.tensors)
    beside = text and any(b.component not in (*TEXT, "mtp") for b in spec.blocks)
    stays = _stays(compute)
    towers = _stays(compute, "towers" if beside else "")
    stacks = _stays(compute, "stacked experts" if stacked else "")
    apart = ("oi", "io")
    plans: dict[str, tuple[Callable[[], Scheme], Wanted, tuple[str, ...], str]] = {
        "int8": (
            lambda: bnb_int8(saved=False), _linear, (),
            f"int8 matrices with one fp32 scale per output row, as LLM.int8 stores them; {stacks}",
        ),
        "fp8": (
            fp8_rows, _every, (),
            f"fp8 (e4m3) matrices with one fp32 scale per output row, as FP8 dynamic stores them; {stays}",
        ),
        "int4": (
            lambda: _w4a16(compute), reading, apart,
            f"4-bit matrices with one {compute} scale per {GROUP} inputs, as W4A16 (compressed-tensors) stores them;"
            f" {towers}",
        ),
        "nf4": (
            lambda: bnb_4bit("nf4", compute, nested=True, saved=False), _linear, (),
            "4-bit (nf4) matrices with a scale per 64 values, itself in 8 bits, as bitsandbytes keeps them with double"
            f" quantisation; {stacks}",
        ),
        "fp4": (
            lambda: bnb_4bit("fp4", compute, nested=False, saved=False), _linear, (),
            "4-bit (fp4) matrices with an fp32 scale per 64 values, as bitsandbytes keeps them by default; " + stacks,
        ),
        "gptq": (
            lambda: gptq(4, GROUP, compute), _layers, apart,
            f"4-bit layers with a {compute} scale and a zero point per {GROUP} inputs, as GPTQ stores them; {towers}",
        ),
        "awq": (
            lambda: awq(GROUP, compute), _layers, apart,
            f"4-bit layers with a {compute} scale and a zero point per {GROUP} inputs, as AWQ stores them; {towers}",
        ),
        "mxfp4": (
            lambda: mxfp4_packed, reading, apart,
            f"4-bit floats with a scale byte per {MX_GROUP} inputs, as compressed-tensors stores MXFP4; {towers}",
        ),
        "nvfp4": (
            lambda: nvfp4("weight_packed", "weight_global_scale", "input_global_scale", shape=(1,)), reading, apart,
            f"4-bit floats with an fp8 scale per {NV_GROUP} inputs and two fp32 scales per matrix, as"
            f" compressed-tensors stores NVFP4; {towers}",
        ),
    }  # fmt: skip
    make, wanted, unstack, why = plans[precision]
    scheme = make()

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        return scheme if wanted(block, t) else None

    return Plan(precision, why, pick, unstack=unstack)


def _w4a16(compute: str) -> Scheme:
    from llmmem.checkpoint.compressed_groups import Weights, packed

    return packed(Weights(4, "int", "group", GROUP, (0, 0), True, False), compute)
