"""How the tensors are stored: element types, packing and scales, as a quantised checkpoint or a conversion makes them.

Every scheme turns one matrix into the tensors that stand for it in the file, so bytes stay sums over tensors.
Sources: DeepSeek-V3 (weight_block_size, weight_scale_inv); gpt-oss (MXFP4, OCP Microscaling v1.0); LLM.int8
(arXiv:2208.07339; bitsandbytes keeps an fp32 SCB per row); compressed-tensors (FP8 dynamic: one fp32 scale per row;
W4A16: one 16-bit scale per 128 inputs).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import Any, NamedTuple

from llmmem.dtypes import checkpoint_dtype
from llmmem.errors import UnsupportedArchitectureError
from llmmem.tensors import Block, ModelSpec, Tensor

Scheme = Callable[[Tensor], tuple[Tensor, ...]]

GROUP = 128


class Stored(NamedTuple):
    """A spec whose every tensor has a dtype, and how that was decided."""

    spec: ModelSpec
    #: what the weights are stored as, for people: "bf16", "int8"
    precision: str
    #: element type the model computes and caches in
    compute: str
    basis: str
    why: str


def _sides(t: Tensor) -> tuple[int, int]:
    """(outputs, inputs) of a matrix."""
    return (t.shape[0], t.shape[1]) if t.layout == "oi" else (t.shape[1], t.shape[0])


def _stem(t: Tensor) -> str:
    return t.name.removesuffix(".weight")


def _axis(t: Tensor, sides: str) -> int | None:
    """Where the axis that is cut sits in a derived tensor whose axes are ``sides`` ("oi", "o"); None if it is gone."""
    if t.shard is None:
        return None
    side = t.layout[t.shard]
    return sides.index(side) if side in sides else None


def _scales(t: Tensor, name: str, shape: tuple[int, ...], sides: str, dtype: str, block: int = 1) -> Tensor:
    return t._replace(
        name=name, shape=shape, role="scale", dtype=dtype, shard=_axis(t, sides), unit=max(1, t.unit // block)
    )


def _int8_rows(t: Tensor) -> tuple[Tensor, ...]:
    outputs, _ = _sides(t)
    return t._replace(dtype="int8"), _scales(t, _stem(t) + ".SCB", (outputs,), "o", "fp32")


def _fp8_rows(t: Tensor) -> tuple[Tensor, ...]:
    outputs, _ = _sides(t)
    return t._replace(dtype="fp8"), _scales(t, _stem(t) + ".weight_scale", (outputs, 1), "oi", "fp32")


def _int4_groups(t: Tensor) -> tuple[Tensor, ...]:
    outputs, inputs = _sides(t)
    groups = -(-inputs // GROUP)
    return t._replace(dtype="int4"), _scales(t, _stem(t) + ".weight_scale", (outputs, groups), "oi", "fp16", GROUP)


def _fp8_blocks(rows: int, columns: int) -> Scheme:
    def store(t: Tensor) -> tuple[Tensor, ...]:
        outputs, inputs = _sides(t)
        shape = (-(-outputs // rows), -(-inputs // columns))
        return t._replace(dtype="fp8"), _scales(t, t.name + "_scale_inv", shape, "oi", "fp32", rows)

    return store


def _fp8_tensor(t: Tensor) -> tuple[Tensor, ...]:
    scale = t._replace(name=_stem(t) + ".weight_scale", shape=(), role="scale", dtype="fp32", shard=None)
    return t._replace(dtype="fp8"), scale


def _mxfp4(t: Tensor) -> tuple[Tensor, ...]:
    outputs, inputs = _sides(t)
    scales = _scales(t, t.name + "_scales", (outputs, -(-inputs // 32)), "oi", "uint8", 32)
    return t._replace(name=t.name + "_blocks", dtype="fp4"), scales


#: precision a user names -> (scheme of the matrices, what it is)
_CONVERSIONS: dict[str, tuple[Scheme, str]] = {
    "int8": (_int8_rows, "int8 matrices with one fp32 scale per output row, as LLM.int8 stores them"),
    "fp8": (_fp8_rows, "fp8 (e4m3) matrices with one fp32 scale per output row, as FP8 dynamic stores them"),
    "int4": (_int4_groups, f"4-bit matrices with one 16-bit scale per {GROUP} inputs, as W4A16 stores them"),
}

#: what a conversion changes; embeddings, norms, routers, convolutions and the output head stay as they are
_MATRICES = ("linear",)


def store(spec: ModelSpec, precision: str) -> Stored:
    """The spec with the dtype of every tensor, for "auto" (the checkpoint's own) or a precision to convert to.

    Raises:
        UnsupportedArchitectureError: "auto" on a checkpoint quantised in a way llmmem does not know.
        ConfigError: a dtype that is no element type.
    """
    stated = checkpoint_dtype(spec.dtype)
    own = stated or "fp32"
    # A checkpoint labelled fp8 computes in bf16; so does one in double precision on a GPU.
    compute = own if own in ("fp32", "fp16", "bf16") else "bf16"
    unstated = "config.json states no dtype; counted as fp32, the most it can be" if stated is None else ""
    if precision in ("fp32", "fp16", "bf16"):
        cast = _cast(spec, precision)
        return Stored(cast, precision, precision, "exact", f"every tensor cast to {precision}")
    if precision != "auto":
        scheme, what = _CONVERSIONS[precision]
        basis = "estimated" if unstated else "exact"
        rest = f"; embeddings, norms, routers and head stay {compute}"
        why = f"{what}{rest}" + (f" ({unstated})" if unstated else "")
        return Stored(_apply(spec, scheme, compute, _is_matrix), precision, compute, basis, why)
    if spec.quantization:
        return _as_quantised(spec, compute)
    if stated is None:
        return Stored(_cast(spec, own), own, own, "estimated", unstated)
    return Stored(_cast(spec, own), own, compute, "exact", f"every tensor in {own}, the dtype config.json states")


def _is_matrix(block: Block, t: Tensor) -> bool:
    return t.role in _MATRICES and len(t.shape) == 2


def _cast(spec: ModelSpec, dtype: str) -> ModelSpec:
    return _apply(spec, lambda t: (t,), dtype, lambda block, t: False)


def _apply(spec: ModelSpec, scheme: Scheme, rest: str, chosen: Callable[[Block, Tensor], bool]) -> ModelSpec:
    """Every chosen tensor through the scheme; every other one in ``rest`` unless the architecture fixes its dtype."""
    blocks = []
    for block in spec.blocks:
        tensors: list[Tensor] = []
        for t in block.tensors:
            if chosen(block, t):
                tensors += scheme(t)
            else:
                tensors.append(t if t.dtype else t._replace(dtype=rest))
        blocks.append(block._replace(tensors=tuple(tensors)))
    return spec._replace(blocks=tuple(blocks))


def _as_quantised(spec: ModelSpec, compute: str) -> Stored:
    """The checkpoint as its quantization_config says it is stored."""
    q: dict[str, Any] = spec.quantization or {}
    method = str(q.get("quant_method", "unnamed"))
    skipped = tuple(str(name) for name in q.get("modules_to_not_convert") or ())

    def chosen(block: Block, t: Tensor) -> bool:
        return _is_matrix(block, t) and not _skips(skipped, block, t)

    size = q.get("weight_block_size")
    if method == "fp8" and (size is None or (isinstance(size, list) and len(size) == 2)):
        if size:
            scheme, what = _fp8_blocks(int(size[0]), int(size[1])), f"one fp32 scale per {size[0]} x {size[1]} block"
        else:
            scheme, what = _fp8_tensor, "one fp32 scale per matrix"
        why = f"quantization_config: fp8 matrices with {what}; the rest stays {compute}"
        return Stored(_apply(spec, scheme, compute, chosen), "fp8", compute, "exact", why)
    if method == "mxfp4":

        def experts(block: Block, t: Tensor) -> bool:
            return t.copies > 1 and chosen(block, t)

        why = f"quantization_config: mxfp4 experts (4-bit values, one scale byte per 32); the rest stays {compute}"
        return Stored(_apply(spec, _mxfp4, compute, experts), "mxfp4", compute, "exact", why)
    raise UnsupportedArchitectureError(
        f"The checkpoint is quantised with {method[:40]!r}, whose storage llmmem does not know yet.",
        "Give --precision (int8, int4, fp8, bf16 ...) to size a conversion of the unquantised model.",
    )


def _skips(skipped: tuple[str, ...], block: Block, t: Tensor) -> bool:
    """Whether modules_to_not_convert names this tensor's module, its parent, or a pattern of either."""
    if not skipped:
        return False
    module = block.prefix + _stem(t)
    return any(name in module or _match(name, module) for name in skipped)


def _match(name: str, module: str) -> bool:
    """A listed name against a folded one: an index or ``*`` in the list stands for ``{}``."""
    import re

    return re.sub(r"(?<=\.)(\d+|\*)(?=\.|$)", "{}", name) in module
