"""What fits where: a deployment against GPUs, how many are needed and in which layout, what is in the way.

Every verdict is taken at the high end of the estimate, so that "fits" is safe.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterable
from typing import NamedTuple

from llmmem.engines.plan import Plan
from llmmem.fit.layout import Layout, Planner
from llmmem.fit.search import max_batch, max_context
from llmmem.gpus import Gpu


class Fit(NamedTuple):
    """One kind of GPU against a deployment. Sizes are bytes on the fullest rank."""

    gpu: Gpu
    #: GPUs the deployment asks for
    gpus: int
    used: int
    #: None: unknown, as what follows
    used_high: int | None
    #: None: unknown, because the model is known in part
    fits: bool | None
    #: the layout with the fewest of these GPUs that holds it; None: none of those tried
    least: Layout | None
    #: the group of lines that no longer fits (weights, kv_cache ...); None: all of them do
    obstacle: str | None
    #: largest batch at this context, and longest context at this batch, that fit; 0: not even one, None: unknown
    max_batch: int | None
    max_context: int | None
    #: bytes of each GPU that the engine may fill
    usable: int

    @property
    def headroom(self) -> int | None:
        """Bytes left at the high end; negative when it does not fit, None where that is unknown."""
        return None if self.used_high is None else self.usable - self.used_high

    @property
    def needed(self) -> int | None:
        """The fewest of these GPUs that hold it."""
        return None if self.least is None else self.least.gpus


def fit_table(plan: Plan, gpus: Iterable[Gpu]) -> list[Fit]:
    """One row per GPU. What does not depend on the GPU is worked out once."""
    planner = Planner(plan)
    return [fit(plan, gpu, planner) for gpu in gpus]


def fit(plan: Plan, gpu: Gpu, planner: Planner) -> Fit:
    """One GPU against the plan's deployment."""
    d, here = plan.deployment, plan.on(gpu)
    usable, total = here.usable(gpu), here.total(d.batch, d.context)
    if plan.spec.unknown:
        over = total.low > usable  # what is known alone is too much, or nobody can say
        why = obstacle(here, usable) if over else None
        return Fit(gpu, d.tp * d.pp * d.dp, total.best, None, False if over else None, None, why, None, None, usable)
    fits = total.high <= usable
    return Fit(
        gpu=gpu,
        gpus=d.tp * d.pp * d.dp,
        used=total.best,
        used_high=total.high,
        fits=fits,
        least=planner.least(gpu, d.batch, d.context),
        obstacle=None if fits else obstacle(here, usable),
        max_batch=max_batch(here, usable, d.context),
        max_context=max_context(here, usable, d.batch),
        usable=usable,
    )


def obstacle(plan: Plan, usable: int) -> str:
    """The group of lines at which the memory runs out: weights are loaded first, then come caches, then the rest."""
    d = plan.deployment
    amounts = plan.amounts(plan.fullest(d.batch, d.context), d.batch, d.context)
    left = usable
    for group in ("weights", "overhead", "kv_cache", "state", "image", "activations"):
        left -= sum(amount.band.high for amount in amounts if amount.group == group)
        if left < 0:
            return group
    return "activations"
