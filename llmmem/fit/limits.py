"""The inverse questions: how many requests, how long a context, how many GPUs, which precision."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.engines.plan import Plan
from llmmem.fit.advice import first_precision
from llmmem.fit.layout import Layout, Planner
from llmmem.fit.search import max_batch, max_context
from llmmem.gpus import Gpu


class Limit(NamedTuple):
    """What fits into a GPU, or into a size given by hand. None: not asked for."""

    gpu: Gpu | None
    usable: int
    max_batch: int
    #: None for a model that has no context
    max_context: int | None
    #: requests of this context at once, by the engine's own count where it has one
    concurrency: float | None = None
    layout: Layout | None = None
    #: the largest precision that holds the deployment
    precision: str | None = None
    #: (context, largest batch there) for each context asked for
    grid: tuple[tuple[int, int], ...] = ()


def limit(plan: Plan, gpu: Gpu | None, memory: int | None, target: str | None, grid: tuple[int, ...]) -> Limit:
    """The limits of one GPU (or of ``memory`` bytes); what takes longer only where ``target`` asks for it."""
    d = plan.deployment
    here = plan if gpu is None else plan.on(gpu)
    usable = here.usable(gpu) if gpu is not None else memory or 0
    found = Limit(
        gpu,
        usable,
        max_batch(here, usable, d.context),
        max_context(here, usable, d.batch),
        grid=tuple((context, max_batch(here, usable, context)) for context in grid),
    )
    if gpu is None:
        return found
    if target == "concurrency":
        own = here.facts(d.batch, d.context).max_concurrency
        return found._replace(concurrency=found.max_batch if own is None else own)
    if target == "gpus":
        return found._replace(layout=Planner(plan).least(gpu, d.batch, d.context))
    if target == "precision":
        return found._replace(precision=_precision(here, gpu))
    return found


def _precision(plan: Plan, gpu: Gpu) -> str | None:
    """The largest precision that fits: the weights' own, or else the first smaller one."""
    d = plan.deployment
    if plan.total(d.batch, d.context).high <= plan.usable(gpu):
        return plan.stored.precision
    found = first_precision(plan, gpu)
    return found[0] if found else None
