"""Tensors on one rank where parallel layers cut them: what vLLM and SGLang, which share their layer classes, do alike.

Sources: vLLM 0.33 and SGLang 0.5.23, layers/linear.py (QKVParallelLinear repeats key/value heads; biases of
row-parallel layers are whole), layers/vocab_parallel_embedding.py, layers/fused_moe and layers/moe (experts by slice or
by number).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import NamedTuple

from llmmem.engines.plan import TEXT
from llmmem.errors import LayoutError
from llmmem.tensors import Block, Tensor

VOCAB_PADDING = 64


class Ranks(NamedTuple):
    """Ranks that share the tensors."""

    tp: int
    #: ranks that share the experts
    experts: int
    #: whether each of those holds whole experts instead of a slice of each
    whole: bool


def padded_vocab(rows: int) -> int:
    """Rows of the embedding table and the head."""
    return -(-rows // VOCAB_PADDING) * VOCAB_PADDING


def rank_elements(component: str, t: Tensor, ranks: Ranks, vocab: Callable[[int], int]) -> int:
    """Elements of a tensor (all copies) on the fullest rank.

    Args:
        vocab: rows of a table on one rank, of all its rows.

    Raises:
        LayoutError: the axis cannot be shared so.
    """
    if t.role in ("embedding", "head") and t.shard is not None and component in TEXT:
        size = t.shape[t.shard]
        # A packed axis has several rows in each element.
        return t.elements // size * vocab(size)
    if t.copies > 1 and t.active is not None:
        return _experts(t, ranks)
    if ranks.tp == 1 or t.shard is None:
        return t.elements
    if component not in TEXT:  # towers are cut where they can be
        units = t.shape[t.shard] // t.unit
        return t.elements // ranks.tp if units % ranks.tp == 0 else t.elements
    return cut(t, ranks.tp)


def _experts(t: Tensor, ranks: Ranks) -> int:
    if ranks.experts == 1:
        return t.elements
    one = t.elements // t.copies
    if ranks.whole:
        return one * -(-t.copies // ranks.experts)
    return t.elements if t.shard is None else t.copies * cut(t._replace(copies=1), ranks.experts)


def cut(t: Tensor, ranks: int) -> int:
    """Elements of a slice of a tensor.

    Raises:
        LayoutError: there are no even slices.
    """
    assert t.shard is not None
    size = t.shape[t.shard]
    units = size // t.unit
    if units % ranks == 0:
        return t.elements // ranks
    # Fewer key/value heads than ranks: one head each, repeated, and so are its scales.
    heads = t.unit > 1 or t.role == "scale"
    if heads and t.layout[t.shard : t.shard + 1] != "i" and ranks % units == 0:
        return t.elements // units
    raise LayoutError(
        f"--tp {ranks}: {t.name} {list(t.shape)} cannot be shared evenly by {ranks} ranks along its {size:,} entries"
        + (f" in steps of {t.unit}." if t.unit > 1 else "."),
        "Give a --tp that divides it.",
    )


def in_blocks(scale: Tensor, before: list[Tensor], tp: int, *, own: bool) -> Tensor:
    """A scale for each block, whose slices must end where blocks do.

    Args:
        own: the class takes slices that end elsewhere; the last block of each has a scale of its own.

    Raises:
        LayoutError: they do not.
    """
    if tp == 1 or not scale.name.endswith("weight_scale_inv") or scale.shard is None or len(scale.shape) != 2:
        return scale
    weight = next((t for t in reversed(before) if scale.name == t.name + "_scale_inv"), None)
    if weight is None or weight.shard is None:
        return scale
    size, units = weight.shape[weight.shard], weight.shape[weight.shard] // weight.unit
    side = -(-size // scale.shape[scale.shard])
    one = size // tp if units % tp == 0 else weight.unit
    if one % side == 0:
        return scale
    if not own:
        raise LayoutError(
            f"--tp {tp}: slices of {one:,} of {weight.name} do not end where its blocks of {side} do.",
            "Give a smaller --tp.",
        )
    shape = list(scale.shape)
    shape[scale.shard] = tp * -(-one // side)
    return scale._replace(shape=tuple(shape), unit=1)


def values(block: Block, tensors: list[Tensor]) -> list[Tensor]:
    """The projection of values that is made even where values are the keys again (Gemma 4)."""
    if not block.caches or any("v_proj." in t.name for t in tensors):
        return []
    keys = [t for t in tensors if t.name.startswith("self_attn.k_proj.")]
    return [t._replace(name=t.name.replace("k_proj", "v_proj")) for t in keys if block.caches[0].kind != "latent"]


def key_biases(tensors: list[Tensor]) -> list[Tensor]:
    """One matrix for q, k and v has a bias for all of them or none (Whisper's keys have none)."""
    names = {t.name for t in tensors}
    return [
        t._replace(name=t.name.replace("v_proj", "k_proj"))
        for t in tensors
        if t.name.endswith("v_proj.bias") and t.name.replace("v_proj", "k_proj") not in names
    ]
