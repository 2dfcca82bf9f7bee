"""What would make a deployment fit that does not: each change on its own, worked out, never folklore."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterator
from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.engines import make_plan
from llmmem.engines.plan import Plan
from llmmem.errors import LlmmemError
from llmmem.fit.layout import Planner
from llmmem.fit.search import largest, max_batch, max_context
from llmmem.gpus import Gpu


class Change(NamedTuple):
    """One change of the deployment after which it fits."""

    #: precision, kv_precision, context, batch, gpus or offload
    what: str
    #: the options that make it, as typed
    options: str
    #: high end in bytes on the fullest rank afterwards
    high: int


def advice(plan: Plan, gpu: Gpu) -> list[Change]:
    """Changes that make it fit on this GPU, each on its own; empty when none of those tried does."""
    return list(_changes(plan.on(gpu), gpu))


def _changes(plan: Plan, gpu: Gpu) -> Iterator[Change]:
    d, usable = plan.deployment, plan.usable(gpu)
    if found := first_precision(plan, gpu):
        name, high = found
        yield Change("precision", f"--precision {name}", high)
    cached = plan.CONTEXT and d.kv_precision == "auto"
    halved = _high(plan, gpu, d._replace(kv_precision="fp8")) if cached else None
    if halved is not None:
        yield Change("kv_precision", "--kv-precision fp8", halved)
    if longest := max_context(plan, usable, d.batch):
        yield Change("context", f"--context {longest}", plan.total(d.batch, longest).high)
    if most := max_batch(plan, usable, d.context):
        yield Change("batch", f"--batch {most}", plan.total(most, d.context).high)
    if plan.OFFLOAD and (part := _offloaded(plan, gpu, plan.OFFLOAD)):
        layers, high = part
        yield Change("offload", f"--{plan.OFFLOAD.replace('_', '-')} {layers}", high)
    for knob, value in plan.SAVINGS:
        knobs = {**dict(d.knobs), knob: value}
        saved = _high(plan, gpu, d._replace(knobs=tuple(sorted(knobs.items()))))
        if saved is not None:
            option = f"--{knob.replace('_', '-')}"
            yield Change("offload", option if value is True else f"{option} {value}", saved)
    planner = Planner(plan)
    if layout := planner.least(gpu, d.batch, d.context):
        ranks = [f"--{name} {n}" for name, n in (("tp", layout.tp), ("pp", layout.pp)) if n > 1]
        high = planner.at(layout, gpu).total(d.batch, d.context).high
        yield Change("gpus", " ".join(ranks) or "--tp 1", high)


def first_precision(plan: Plan, gpu: Gpu) -> tuple[str, int] | None:
    """The largest precision below the weights' own that fits, and the high end with it."""
    weights = plan.weight_bytes(plan.fullest(plan.deployment.batch, plan.deployment.context))
    for name in plan.CONVERSIONS:
        made = _made(plan, plan.deployment._replace(precision=name))
        if made is None:
            continue
        d = made.deployment
        if made.weight_bytes(made.fullest(d.batch, d.context)) >= weights:
            continue
        total = made.total(d.batch, d.context)
        if total.high <= made.usable(gpu):
            return name, total.high
    return None


def _offloaded(plan: Plan, gpu: Gpu, option: str) -> tuple[int, int] | None:
    """The most layers that fit on the GPU while the host has the rest, and the high end; None: not even one."""
    d = plan.deployment

    def high(layers: int) -> int:
        knobs = tuple(sorted({**dict(d.knobs), option: layers}.items()))
        return make_plan(plan.spec, d._replace(knobs=knobs)).total(d.batch, d.context).high

    layers = largest(high, plan.usable(gpu), plan.spec.layers + 1)
    return (layers, high(layers)) if layers else None


def _made(plan: Plan, deployment: Deployment) -> Plan | None:
    """The plan under another deployment; None where the engine or the model does not have it."""
    try:
        return make_plan(plan.spec, deployment)
    except LlmmemError:
        return None


def _high(plan: Plan, gpu: Gpu, deployment: Deployment) -> int | None:
    """The high end under another deployment where it fits."""
    made = _made(plan, deployment)
    if made is None:
        return None
    high = made.total(deployment.batch, deployment.context).high
    return high if high <= made.usable(gpu) else None
