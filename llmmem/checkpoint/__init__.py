"""How the tensors are stored: element types, packing and scales, as a quantised checkpoint or a conversion makes them.

Every scheme turns one matrix into the tensors that stand for it in the file, with the file's own names, shapes and
element types, so bytes stay sums over tensors. A format's code is imported only for checkpoints that are stored in it.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections import Counter
from typing import NamedTuple

from llmmem.dtypes import GGUF_RECIPES, checkpoint_dtype
from llmmem.errors import UsageError
from llmmem.tensors import ModelSpec


class Stored(NamedTuple):
    """A spec whose every tensor has a dtype, and how that was decided."""

    spec: ModelSpec
    #: what the weights are stored as, for people: "bf16", "int8"
    precision: str
    #: element type the model computes and caches in
    compute: str
    basis: str
    why: str
    #: the least and the most the weights may be, in percent of what they are counted as
    spread: tuple[int, int] = (100, 100)


#: where no dtype is stated, 16 bits are as likely as the 32 that are counted
UNSTATED = (50, 100)
#: of files of models whose conversion is not known in detail: a few matrices may get a type of another recipe
CONVERTED = (97, 103)


def store(spec: ModelSpec, precision: str) -> Stored:
    """The spec with the dtype of every tensor, for "auto" (the checkpoint's own) or a precision to convert to.

    Raises:
        UnsupportedArchitectureError: "auto" on a checkpoint quantised in a way llmmem does not know.
        ConfigError: a dtype that is no element type, a quantization_config that makes no sense.
    """
    if spec.measured and spec.stored is None:
        return _as_it_is(spec, precision)
    stated = checkpoint_dtype(spec.dtype)
    own = stated or "fp32"
    # A checkpoint labelled fp8 computes in bf16; so does one in double precision on a GPU.
    compute = own if own in ("fp32", "fp16", "bf16") else "bf16"
    if precision == "auto" and spec.stored is not None:
        held = spec._replace(blocks=spec.stored.blocks)
        return Stored(held, spec.stored.precision, compute, "measured", spec.stored.why)
    unstated = "config.json states no dtype; counted as fp32, the most it can be" if stated is None else ""
    if precision in ("fp32", "fp16", "bf16"):
        return Stored(_cast(spec, precision), precision, precision, "exact", f"every tensor cast to {precision}")
    if precision == "auto" and not spec.quantization:
        why = unstated or f"every tensor in {own}, the dtype config.json states"
        basis, result = ("estimated", own) if unstated else ("exact", compute)
        return Stored(_cast(spec, own), own, result, basis, why, UNSTATED if unstated else (100, 100))
    if precision in GGUF_RECIPES:
        from llmmem.checkpoint.gguf import convert

        made = convert(spec, precision)
        spread = CONVERTED if made.basis == "estimated" else (100, 100)
        return Stored(made.spec, precision, compute, made.basis, made.why, spread)
    if precision == "auto":
        from llmmem.checkpoint.methods import own_plan

        plan = own_plan(spec, compute)
    else:
        from llmmem.checkpoint.conversions import conversion

        plan = conversion(precision, spec, compute)
    from llmmem.checkpoint.assign import assign

    basis = "estimated" if unstated else plan.basis
    why = plan.why + (f" ({unstated})" if unstated else "")
    spread = UNSTATED if unstated else (100, 100)
    return Stored(assign(spec, compute, plan), plan.precision, compute, basis, why, spread)


def _as_it_is(spec: ModelSpec, precision: str) -> Stored:
    """A spec read from the headers of its files: every tensor has its dtype already.

    Raises:
        UsageError: a conversion is asked for.
    """
    if precision != "auto":
        raise UsageError(
            f"--precision {precision}: a model read from its {spec.measured} file is counted as it is stored.",
            "Leave --precision out, or give the id or config.json of the model.",
        )
    sizes: Counter[str] = Counter()
    for b in spec.blocks:
        for t in b.tensors:
            sizes[t.dtype or ""] += t.elements * len(b.layers)
    own = str((spec.quantization or {}).get("recipe") or next(iter(sizes.most_common(1)), ("",))[0])
    why = f"every tensor as the header of the {spec.measured} file states it"
    return Stored(spec, own, checkpoint_dtype(spec.dtype) or "fp16", "measured", why)


def _cast(spec: ModelSpec, dtype: str) -> ModelSpec:
    """Every tensor in one dtype unless the architecture fixes its own."""
    return spec._replace(
        blocks=tuple(
            block._replace(tensors=tuple(t if t.dtype else t._replace(dtype=dtype) for t in block.tensors))
            for block in spec.blocks
        )
    )
