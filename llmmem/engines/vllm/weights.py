"""Weights on one rank as vLLM 0.33 allocates them.

Sources: layers/vocab_parallel_embedding.py (padding to 64), layers/fused_moe (experts by slice or by number),
layers/quantization (what each method creates), layers/mamba (dtypes and copies of groups). What happens after loading
(repacking for a kernel) is not in it.
"""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.engines import parallel
from llmmem.engines.parallel import Ranks, padded_vocab
from llmmem.errors import LayoutError
from llmmem.tensors import Tensor


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
    ranks = Ranks(d.tp, expert_ranks(d), whole_experts(d))
    return parallel.rank_elements(component, t, ranks, lambda rows: _share(padded_vocab(rows), d.tp))


def _share(rows: int, tp: int) -> int:
    if rows % tp:
        raise LayoutError(
            f"--tp {tp}: the vocabulary, {rows:,} rows with padding, cannot be shared evenly.", "Give another --tp."
        )
    return rows // tp
