"""The frame of autoencoders that keep the names of latent diffusion's first code (arXiv:2112.10752)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from llmmem.parts.basic import Tensors
from llmmem.parts.modules import gather, under


class Kit(NamedTuple):
    """What one class builds its levels of."""

    #: name, inputs, outputs
    block: Callable[[str, int, int], Tensors]
    #: index of a level and its width; what steps to the next resolution there (``()``: nothing does)
    step: Callable[[int, int], Tensors]
    #: name, width
    attention: Callable[[str, int], Tensors]
    #: levels with an attention after each block
    attended: Collection[int] = ()
    #: an attention stands in the middle
    middle: bool = False
    #: the blocks of the middle, where they are others
    center: Callable[[str, int, int], Tensors] | None = None
    #: by how much a step down widens
    widened: int = 1


def _middle(kit: Kit, width: int) -> Tensors:
    block = kit.center or kit.block
    return under(
        "mid",
        block("block_1", width, width),
        kit.attention("attn_1", width) if kit.middle else (),
        block("block_2", width, width),
    )


def level(kit: Kit, index: int, inputs: int, width: int, depth: int) -> Tensors:
    """The blocks of a level, its attentions and its step."""
    tensors = [kit.block(f"block.{n}", width if n else inputs, width) for n in range(depth)]
    if index in kit.attended:
        tensors += [kit.attention(f"attn.{n}", width) for n in range(depth)]
    return gather((*tensors, kit.step(index, width)))


def way_down(kit: Kit, widths: Sequence[int], depth: int) -> Tensors:
    """Levels and the middle; ``widths`` begins with the one before the first level."""
    levels = [
        under(f"down.{i}", level(kit, i, before * (kit.widened if i else 1), width, depth))
        for i, (before, width) in enumerate(pairwise(widths))
    ]
    return gather((*levels, _middle(kit, widths[-1])))


def way_up(kit: Kit, widths: Sequence[int], depth: int) -> Tensors:
    """The middle and the levels, each with one block more, counted from the picture's side as ``widths`` is."""
    levels = [
        under(f"up.{i}", level(kit, i, widths[min(i + 1, len(widths) - 1)], width, depth + 1))
        for i, width in enumerate(widths)
    ]
    return gather((_middle(kit, widths[-1]), *levels))
