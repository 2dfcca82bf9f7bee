"""Which matrices of a model are stored how: a plan applied block by block, split by layers only where it has to be."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import NamedTuple

from llmmem.checkpoint.matrices import Scheme, Tensors, stem, unstacked
from llmmem.checkpoint.names import Names, Table
from llmmem.tensors import Block, ModelSpec, Tensor

#: (module name with its indices, block, tensor) -> the scheme that stores it, None for as it is
Pick = Callable[[str, Block, Tensor], Scheme | None]
#: for one tensor, how many of its copies are stored by each scheme
Shares = tuple[tuple[Scheme | None, int], ...]


class Plan(NamedTuple):
    """How a checkpoint is quantised."""

    #: what the weights are stored as, for people
    precision: str
    #: one sentence: the format and what stays as it is
    why: str
    pick: Pick
    #: the lists ``pick`` looks names up in
    lists: tuple[Names | Table, ...] = ()
    #: layouts whose stacks of experts are stored one by one
    unstack: tuple[str, ...] = ()
    #: tensors stored beside this one, whether it is quantised or not
    beside: Callable[[Tensor], Tensors] | None = None
    basis: str = "exact"


def assign(spec: ModelSpec, rest: str, plan: Plan) -> ModelSpec:
    """Every tensor by the plan, or in ``rest`` unless the architecture fixes its dtype."""
    layered = any(names.layered for names in plan.lists)
    experts = any(names.expert for names in plan.lists)
    blocks: list[Block] = []
    for block in spec.blocks:
        places: dict[tuple[Shares, ...], list[int]] = {}
        tensors = [(t, unstacked(t) if t.layout in plan.unstack else (t,)) for t in block.tensors]
        parts = [part for _, parts in tensors for part in parts]
        split = layered and "{}" in block.prefix
        for layer in block.layers if split else (*block.layers[:1],) or (0,):
            prefix = block.prefix.replace("{}", str(layer), 1)
            places.setdefault(tuple(_shares(plan, prefix, block, t, experts) for t in parts), []).append(layer)
        for shares, layers in places.items():
            given = iter(shares)
            out: list[Tensor] = []
            for t, pieces in tensors:
                out += _stored(t, [(piece, next(given)) for piece in pieces], rest)
                out += plan.beside(t) if plan.beside else ()
            whole = block.layers if len(places) == 1 else tuple(layers)
            blocks.append(block._replace(tensors=tuple(out), layers=whole))
    return spec._replace(blocks=tuple(blocks))


def _shares(plan: Plan, prefix: str, block: Block, t: Tensor, experts: bool) -> Shares:
    """How the copies of one tensor are stored in one layer."""
    if t.dtype is not None:
        return ((None, t.copies),)
    name = prefix + stem(t)
    if "{}" not in name or not experts:
        return ((plan.pick(name.replace("{}", str(t.first)), block, t), t.copies),)
    counts: dict[Scheme | None, int] = {}
    for copy in range(t.first, t.first + t.copies):
        scheme = plan.pick(name.replace("{}", str(copy)), block, t)
        counts[scheme] = counts.get(scheme, 0) + 1
    return tuple(counts.items())


def _stored(t: Tensor, pieces: list[tuple[Tensor, Shares]], rest: str) -> list[Tensor]:
    """What is stored for one tensor, given as its pieces and how each of them is stored."""
    if all(scheme is None for _, shares in pieces for scheme, _ in shares):
        return [t if t.dtype else t._replace(dtype=rest)]
    out: list[Tensor] = []
    for piece, shares in pieces:
        for scheme, copies in shares:
            some = piece if copies == piece.copies else piece._replace(copies=copies)
            out += scheme(some) if scheme else (some._replace(dtype=rest),)
    return out
