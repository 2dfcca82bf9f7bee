"""The whole GPU as vLLM 0.33 shares it out: what is left for the pool, and what the pool holds.

Source: v1/worker/gpu_worker.py (determine_available_memory): the pool is the share asked for, less weights, the profile
run's peak, what PyTorch did not allocate, and CUDA graphs.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from llmmem.deployment import MOST_CONTEXT
from llmmem.engines import Budget
from llmmem.gpus import Gpu

if TYPE_CHECKING:
    from llmmem.engines.vllm.plan import VllmPlan

#: labels of overhead lines -> parts of a budget; what is not here is "other"
PARTS = {"CUDA graphs": "graphs", "CUDA context": "context", "non-torch": "context", "NCCL": "context"}


def budget(plan: VllmPlan, gpu: Gpu, context: int) -> Budget:
    """The parts on a rank of the stage whose blocks are largest."""
    pp = plan.pool.widest
    sums: Counter[str] = Counter()
    for amount in plan.amounts(plan.shares[pp], 0, context):
        if amount.group in ("weights", "activations"):
            sums[amount.group] += amount.band.best
        elif amount.group == "overhead":
            sums[PARTS.get(amount.label, "other")] += amount.band.best
    blocks = plan.pool_blocks(context) or 0
    pool = blocks * plan.pool.block_bytes(pp)
    held = plan.pool.capacity(blocks, plan.load(context))
    given = plan.deployment.knob("kv_cache_memory_bytes") is not None
    reserved = 0 if given else gpu.usable_bytes - plan.requested
    return Budget(
        gpu.usable_bytes,
        reserved,
        sums["weights"],
        sums["activations"],
        sums["graphs"],
        sums["context"],
        sums["other"],
        pool,
        gpu.usable_bytes - reserved - sum(sums.values()) - pool,
        held.tokens,
        held.concurrency,
        longest_context(plan),
    )


def longest_context(plan: VllmPlan) -> int:
    """The longest context of which the pool holds one request beside the empty block; 0: none."""
    most = plan.spec.max_context or MOST_CONTEXT

    def holds(context: int) -> bool:
        return plan.pool.request_blocks(plan.load(context)) < (plan.pool_blocks(context) or 0)

    if not plan.pool.groups or holds(most):
        return most
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
