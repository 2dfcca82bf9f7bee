"""What fits where: a deployment against GPUs, how many are needed, the largest batch and the longest context.

Every verdict is taken at the high end of the estimate, so that "fits" is safe.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

from llmmem.deployment import MOST_CONTEXT
from llmmem.engines import make_plan
from llmmem.engines.plan import Plan
from llmmem.errors import LayoutError
from llmmem.gpus import Gpu

#: tensor parallel sizes that are tried when more than one GPU is needed
COUNTS = (1, 2, 4, 8, 16)


class Fit(NamedTuple):
    """One GPU type against a deployment. Sizes are bytes on the fullest rank."""

    gpu: Gpu
    #: GPUs the deployment asks for
    gpus: int
    used: int
    #: None: unknown, as what follows
    used_high: int | None
    #: None: unknown, because the model is known in part
    fits: bool | None
    #: least number of these GPUs that holds it under tensor parallelism; None: none of those tried
    needed: int | None
    #: largest batch at this context, and longest context at this batch, that fit; 0: not even one, None: unknown
    max_batch: int | None
    max_context: int | None
    #: bytes of each GPU that the engine may fill
    usable: int

    @property
    def headroom(self) -> int | None:
        """Bytes left at the high end; negative when it does not fit, None where that is unknown."""
        return None if self.used_high is None else self.usable - self.used_high


def largest(size: Callable[[int], int], limit: int, most: int) -> int:
    """The largest n in 1..most with ``size(n) <= limit``, 0 if there is none; ``size`` must not fall.

    Sizes are linear in pieces, so a straight line through the bracket finds the place in a few steps; a bisection
    after every line that did not halve the bracket keeps the worst case logarithmic.
    """
    low, high = 1, most
    at_low, at_high = size(low), size(high)
    if at_low > limit:
        return 0
    if at_high <= limit:
        return most
    line = True
    while high - low > 1:
        width = high - low
        middle = low + ((limit - at_low) * width // (at_high - at_low) if line else width // 2)
        middle = min(max(middle, low + 1), high - 1)
        at_middle = size(middle)
        if at_middle <= limit:
            low, at_low = middle, at_middle
        else:
            high, at_high = middle, at_middle
        line = not line or 2 * (high - low) <= width
    return low


def max_batch(plan: Plan, usable: int, context: int) -> int:
    """Largest batch whose high end is at most ``usable`` bytes at this context; 0: not even one."""
    plan.all_known()
    return largest(lambda n: plan.total(n, context).high, usable, plan.most_batch)


def max_context(plan: Plan, usable: int, batch: int) -> int:
    """Longest context whose high end is at most ``usable`` bytes for this batch, within the model's own limit."""
    plan.all_known()
    return largest(lambda n: plan.total(batch, n).high, usable, plan.spec.max_context or MOST_CONTEXT)


def fit_table(plan: Plan, gpus: Iterable[Gpu]) -> list[Fit]:
    """One row per GPU. What does not depend on the GPU is worked out once."""
    d = plan.deployment
    batch, context = d.batch, d.context

    @cache
    def split(tp: int, gpu: Gpu | None) -> Plan | None:
        """The plan on ``tp`` ranks; None where the model cannot be split so."""
        try:
            return make_plan(plan.spec, d._replace(tp=tp, gpu=gpu))
        except LayoutError:
            return None

    rows = []
    for gpu in gpus:
        here = plan.on(gpu)
        usable = here.usable(gpu)
        if plan.spec.unknown:
            known = here.total(batch, context)
            fits = False if known.low > usable else None  # what is known alone is too much, or nobody can say
            rows.append(Fit(gpu, d.tp * d.pp * d.dp, known.best, None, fits, None, None, None, usable))
            continue
        needed = None
        for count in (n for n in COUNTS if n <= (gpu.gpus_per_node or max(COUNTS))):
            ranks = split(count, gpu if plan.BY_GPU else d.gpu)
            if ranks and ranks.total(batch, context).high <= usable:
                needed = count
                break
        total = here.total(batch, context)
        rows.append(
            Fit(
                gpu=gpu,
                gpus=d.tp * d.pp * d.dp,
                used=total.best,
                used_high=total.high,
                fits=total.high <= usable,
                needed=needed,
                max_batch=max_batch(here, usable, context),
                max_context=max_context(here, usable, batch),
                usable=usable,
            )
        )
    return rows
