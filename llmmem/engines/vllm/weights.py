"""Weights on one rank as vLLM 0.33 allocates them.

Sources: layers/vocab_parallel_embedding.py (padding to 64), layers/linear.py (QKVParallelLinear repeats key/value
heads; biases of row-parallel layers are whole), layers/fused_moe (experts by slice or by number), layers/quantization
(what each method creates), layers/mamba (dtypes and copies of groups). What happens after loading (repacking for a
kernel) is not in it.
"""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.engines.plan import TEXT
from llmmem.errors import LayoutError
from llmmem.tensors import Tensor

VOCAB_PADDING = 64


def padded_vocab(rows: int) -> int:
    """Rows of the embedding table and the head."""
    return -(-rows // VOCAB_PADDING) * VOCAB_PADDING


def expert_ranks(d: Deployment) -> int:
    """Ranks that share the experts: data parallel replicas share them, too."""
    return d.tp * d.dp


def whole_experts(d: Deployment) -> bool:
    """Whether every rank holds whole experts."""
    return d.ep > 1 or bool(d.knob("enable_expert_parallel"))


def rank_elements(component: str, t: Tensor, d: Deployment) -> int:
    """Elements of a tensor (all copies) on the fullest rank.

    Raises:
        LayoutError: the axis cannot be shared so.
    """
    if t.role in ("embedding", "head") and t.shard is not None and component in TEXT:
        size = t.shape[t.shard]
        # A packed axis has several rows in each element.
        return t.elements // size * _share(t, padded_vocab(size), d.tp)
    if t.copies > 1 and t.active is not None:
        return _experts(t, d)
    if d.tp == 1 or t.shard is None:
        return t.elements
    if component not in TEXT:  # towers are cut where they can be
        units = t.shape[t.shard] // t.unit
        return t.elements // d.tp if units % d.tp == 0 else t.elements
    return _cut(t, d.tp)


def _experts(t: Tensor, d: Deployment) -> int:
    ranks = expert_ranks(d)
    if ranks == 1:
        return t.elements
    one = t.elements // t.copies
    if whole_experts(d):
        return one * -(-t.copies // ranks)
    return t.elements if t.shard is None else t.copies * _cut(t._replace(copies=1), ranks)


def _cut(t: Tensor, ranks: int) -> int:
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


def _share(t: Tensor, rows: int, tp: int) -> int:
    if rows % tp:
        raise LayoutError(
            f"--tp {tp}: the vocabulary, {rows:,} rows with padding, cannot be shared evenly.", "Give another --tp."
        )
    return rows // tp
