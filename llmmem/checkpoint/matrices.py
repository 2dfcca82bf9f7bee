"""What a matrix becomes in the file: tensors made from it that keep the axis tensor parallelism cuts."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.tensors import Block, Tensor

Tensors = tuple[Tensor, ...]
#: what stands for a matrix in the file
Scheme = Callable[[Tensor], Tensors]
#: a length times the first, divided by the second, rounded up
Ratio = tuple[int, int]

WHOLE: Ratio = (1, 1)

#: the stacks that write and read text, as opposed to towers and what joins them
TEXT = ("language", "encoder", "decoder")


def sides(t: Tensor) -> tuple[int, int]:
    """(outputs, inputs) of a matrix."""
    return (t.shape[0], t.shape[1]) if t.layout == "oi" else (t.shape[1], t.shape[0])


def groups(t: Tensor, size: int | None) -> Ratio:
    """One value for so many inputs of the matrix, or (None) for all of them."""
    return 1, size or max(1, sides(t)[1])


def stem(t: Tensor) -> str:
    """The module a tensor belongs to; for a bare parameter, its own name."""
    return t.name.removesuffix(".weight")


def beside(t: Tensor, what: str) -> str:
    """The name of a tensor stored beside ``t``: a member of its module, or a longer name for a bare parameter."""
    return f"{stem(t)}.{what}" if t.name.endswith(".weight") else f"{t.name}_{what}"


def is_matrix(t: Tensor) -> bool:
    """Whether tools that look for matrices may change this tensor.

    Embeddings, norms, routers, convolutions and the head have roles of their own; what an architecture keeps in a
    dtype of its own (_keep_in_fp32_modules) is never converted (transformers 5.23, quantizers/base.py).
    """
    return t.role == "linear" and len(t.shape) == 2 and t.dtype is None


def is_module(t: Tensor) -> bool:
    """Whether the matrix is the weight of a linear layer: tools that replace layers leave bare parameters alone."""
    return t.name.endswith(".weight") and ("{}" in t.name or t.copies == 1)


def is_layer(block: Block) -> bool:
    """Whether the block is a repeated layer of the text stack: GPTQ and AWQ work through these and nothing else."""
    return block.component in TEXT and "{}" in block.prefix


def derived(
    t: Tensor,
    name: str,
    axes: str,
    dtype: str,
    *,
    o: Ratio = WHOLE,
    i: Ratio = WHOLE,
    tail: tuple[int, ...] = (),
    role: str = "",
) -> Tensor:
    """A tensor made from the matrix ``t``, cut along the same side.

    Args:
        axes: which sides it has and in which order, "oi", "io", "o" or "i".
        o, i: its length along the outputs and inputs, as a ratio of the matrix's.
        tail: axes that come after these.
        role: "scale" by default; what belongs to a head or an embedding is shared out as these are.
    """
    lengths = dict(zip("oi", sides(t), strict=True))
    ratios = {"o": o, "i": i}
    shape = tuple(-(-lengths[a] * ratios[a][0] // ratios[a][1]) for a in axes)
    cut = None if t.shard is None else t.layout[t.shard]
    shard, unit = None, 1
    # One value for the whole of the side that is cut belongs to every rank.
    if cut is not None and cut in axes and not (shape[axes.index(cut)] == 1 < lengths[cut]):
        shard = axes.index(cut)
        times, by = ratios[cut]
        unit = t.unit * times // by if t.unit * times % by == 0 else 1
    return t._replace(
        name=name,
        shape=shape + tail,
        role=role or (t.role if t.role in ("head", "embedding") else "scale"),
        shard=shard,
        unit=max(1, unit),
        dtype=dtype,
        layout=axes if len(axes) == 2 else {"o": "oi", "i": "io"}[axes],
    )


def one(t: Tensor, name: str, dtype: str, shape: tuple[int, ...] = ()) -> Tensor:
    """A few values for the whole matrix, the same on every rank."""
    return t._replace(name=name, shape=shape, role="scale", shard=None, unit=1, dtype=dtype, layout="oi", flat=False)


def flattened(t: Tensor, name: str, length: int, dtype: str, *, tail: tuple[int, ...] = (), role: str = "") -> Tensor:
    """A tensor of ``length`` rows made from the matrix read row by row, as many of them for each unit of the cut."""
    shard, unit, layout = None, 1, "oi"
    if t.shard is not None:
        units = t.shape[t.shard] // max(1, t.unit)
        shard, unit = 0, length // units if units and length % units == 0 else 1
        layout = "oi" if t.layout[t.shard] == "o" else "io"
    own = role or (t.role if t.role in ("head", "embedding") else "scale")
    return t._replace(
        name=name, shape=(length, *tail), role=own, shard=shard, unit=max(1, unit), dtype=dtype, layout=layout
    )


def unstacked(t: Tensor) -> Tensors:
    """Experts stored as stacks, taken apart as calibrating tools do: gate and up apart, every expert on its own."""
    if t.copies == 1 or "{}" in t.name or t.flat or t.role != "linear":
        return (t,)
    base, _, last = t.name.rpartition(".")
    outputs, inputs = sides(t)
    shard = None if t.shard is None else "oi".index(t.layout[t.shard])
    names = {"gate_up_proj": ("gate_proj", "up_proj"), "down_proj": ("down_proj",)}.get(last)
    if names is None or outputs % len(names):
        return (t,)
    shape = (outputs // len(names), inputs)
    return tuple(t._replace(name=f"{base}.{{}}.{n}.weight", shape=shape, shard=shard, layout="oi") for n in names)
