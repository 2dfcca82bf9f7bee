"""What fits where: a deployment against GPUs, how many are needed, the largest batch and the longest context.

Every verdict is taken at the high end of the estimate, so that "fits" is safe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from llmmem.deployment import MOST_BATCH, MOST_CONTEXT
from llmmem.errors import LayoutError
from llmmem.gpus import Gpu
from llmmem.memory.sizing import Sizing

#: tensor parallel sizes that are tried when more than one GPU is needed
COUNTS = (1, 2, 4, 8, 16)


class Fit(NamedTuple):
    """One GPU type against a deployment. Sizes are bytes on the fullest rank."""

    gpu: Gpu
    #: GPUs the deployment asks for (its tp)
    gpus: int
    used: int
    used_high: int
    fits: bool
    #: least number of these GPUs that holds it under tensor parallelism; None: none of those tried
    needed: int | None
    #: largest batch at this context, and longest context at this batch, that fit; 0: not even one
    max_batch: int
    max_context: int

    @property
    def headroom(self) -> int:
        """Bytes left at the high end; negative when it does not fit."""
        return self.gpu.usable_bytes - self.used_high


def largest(fits: Callable[[int], bool], most: int) -> int:
    """The largest n in 1..most that fits, 0 if not even 1; ``fits`` must not come back once it is false."""
    if not fits(1):
        return 0
    low, step = 1, 1
    while low + step <= most and fits(low + step):
        low += step
        step *= 2
    high = min(low + step, most + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def max_batch(sizing: Sizing, usable: int, context: int) -> int:
    """Largest batch whose high end is at most ``usable`` bytes at this context; 0: not even one."""
    return largest(lambda n: sizing.total(n, context).high <= usable, MOST_BATCH)


def max_context(sizing: Sizing, usable: int, batch: int) -> int:
    """Longest context whose high end is at most ``usable`` bytes for this batch, within the model's own limit."""
    return largest(lambda n: sizing.total(batch, n).high <= usable, sizing.spec.max_context or MOST_CONTEXT)


def fit_table(sizing: Sizing, gpus: Iterable[Gpu]) -> list[Fit]:
    """One row per GPU. What does not depend on the GPU is worked out once."""
    spec, deployment = sizing.spec, sizing.deployment
    batch, context = deployment.batch, deployment.context

    @cache
    def needs(tp: int) -> int | None:
        """High end on each of ``tp`` ranks; None where the model cannot be split so."""
        try:
            return Sizing(spec, deployment._replace(tp=tp)).total(batch, context).high
        except LayoutError:
            return None

    total = sizing.total(batch, context)
    rows = []
    for gpu in gpus:
        usable = gpu.usable_bytes
        most = gpu.gpus_per_node or max(COUNTS)
        needed = next((n for n in COUNTS if n <= most and (needs(n) or usable + 1) <= usable), None)
        rows.append(
            Fit(
                gpu=gpu,
                gpus=deployment.tp,
                used=total.best,
                used_high=total.high,
                fits=total.high <= usable,
                needed=needed,
                max_batch=max_batch(sizing, usable, context),
                max_context=max_context(sizing, usable, batch),
            )
        )
    return rows
