"""How many GPUs, and split how: the layouts an engine can run, least first."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterator
from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.dtypes import nbytes
from llmmem.engines import make_plan
from llmmem.engines.plan import Plan
from llmmem.errors import LayoutError
from llmmem.gpus import Gpu

#: what is taken for a node where the catalogue does not say, and the most nodes tried
USUAL_NODE = 8
MOST_NODES = 8


class Layout(NamedTuple):
    """Ranks of a deployment and the nodes they are on."""

    tp: int = 1
    pp: int = 1
    nodes: int = 1

    @property
    def gpus(self) -> int:
        """All ranks."""
        return self.tp * self.pp

    def __str__(self) -> str:
        parts = [f"tp {self.tp}"] if self.tp > 1 else []
        parts += [f"pp {self.pp}"] if self.pp > 1 else []
        parts += [f"{self.nodes} nodes"] if self.nodes > 1 else []
        return ", ".join(parts) or "1 GPU"


def node_size(gpu: Gpu) -> int:
    """GPUs of this kind in the usual machine."""
    return gpu.gpus_per_node or (1 if gpu.unified else USUAL_NODE)


def linked(gpu: Gpu) -> bool:
    """Whether the GPUs of a node talk over links of their own rather than over PCIe."""
    return gpu.interconnect is not None and not gpu.interconnect.startswith("PCIe")


def counts(gpu: Gpu, nodes: bool) -> Iterator[int]:
    """Numbers of GPUs that are tried: any of a node, then whole nodes where the engine spans them."""
    node = node_size(gpu)
    yield from range(1, node + 1)
    if nodes:
        yield from (node * n for n in range(2, MOST_NODES + 1))


def layouts(gpu: Gpu, count: int, pipeline: bool) -> list[Layout]:
    """The ways to share a model among ``count`` GPUs, the best first.

    Tensor parallelism stays within a node and stages go across nodes; without links between the GPUs of a node the
    stages come first there, too (vLLM, docs/serving/parallelism_scaling.md).
    """
    node = node_size(gpu)
    if count > node and (not pipeline or count % node):
        return []
    nodes = max(1, count // node) if count > node else 1
    within = count // nodes
    found = [Layout(tp, count // tp, nodes) for tp in range(within, 0, -1) if within % tp == 0]
    if not pipeline:
        return [layout for layout in found if layout.pp == 1]
    return found if linked(gpu) or nodes > 1 else found[::-1]


class Planner:
    """Plans of one model under one deployment, made once for each layout and kind of GPU."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._made: dict[tuple[Layout, Gpu | None], Plan | LayoutError] = {}

    def at(self, layout: Layout, gpu: Gpu) -> Plan:
        """The plan under another layout.

        Raises:
            LayoutError: the model or the engine cannot be split so.
        """
        key = (layout, gpu if self.plan.BY_GPU else None)
        if key not in self._made:
            d: Deployment = self.plan.deployment
            asked = d._replace(tp=layout.tp, pp=layout.pp, gpu=gpu if self.plan.BY_GPU else d.gpu)
            try:
                self._made[key] = make_plan(self.plan.spec, asked)
            except LayoutError as error:
                self._made[key] = error
        made = self._made[key]
        if isinstance(made, LayoutError):
            raise made
        return made

    def least(self, gpu: Gpu, batch: int, context: int) -> Layout | None:
        """The layout with the fewest GPUs that holds so many requests; None: none of those tried."""
        whole = self._weights(gpu, batch, context)
        for count in counts(gpu, self.plan.NODES):
            if whole > count * self.plan.usable(gpu):
                continue  # ranks hold the whole model at least once among them
            if layout := self.holding(gpu, count, batch, context):
                return layout
        return None

    def _weights(self, gpu: Gpu, batch: int, context: int) -> int:
        """Weights that all GPUs hold among them at least, in any layout; what waits on the host is left out."""
        plan = self.plan.on(gpu)
        held = (amount.band.low for share in plan.shares for amount in plan.held(share, batch, context))
        ranks = sum(held) * plan.deployment.tp
        stored = sum(
            nbytes(t.elements, t.dtype or "fp32") * len(b.layers)
            for b in plan.stored.spec.blocks
            if b.loaded
            for t in b.tensors
        )
        return min(ranks, stored)

    def holding(self, gpu: Gpu, count: int, batch: int, context: int) -> Layout | None:
        """The best layout on ``count`` GPUs that holds so many requests."""
        for layout in layouts(gpu, count, self.plan.PIPELINE):
            try:
                plan = self.at(layout, gpu)
            except LayoutError:
                continue
            if plan.total(batch, context).high <= plan.usable(gpu):
                return layout
        return None

    def possible(self, gpu: Gpu, count: int) -> Layout | None:
        """The best layout on ``count`` GPUs that the engine can run, whether it holds the requests or not."""
        for layout in layouts(gpu, count, self.plan.PIPELINE):
            try:
                self.at(layout, gpu)
            except LayoutError:
                continue
            return layout
        return None
