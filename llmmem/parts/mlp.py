"""Feed-forward layers and mixtures of experts."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, buffer, linear
from llmmem.tensors import Part, Run, Tensor, Work, join, runs

#: tensors alive at the peak of an activation that is no single operation (transformers 5.23, activations.py): its
#: input, and what it is written out in
STEPS = {"gelu_new": 4, "gelu_fast": 5, "gelu_python": 3, "quick_gelu": 3, "relu2": 3}
GATE_UP_DOWN = ("gate_proj", "up_proj", "down_proj")


def gated_mlp(
    name: str,
    hidden: int,
    intermediate: int,
    *,
    bias: bool = False,
    names: tuple[str, str, str] = GATE_UP_DOWN,
    act: str = "silu",
) -> Part:
    """act(gate(x)) * up(x), then down."""
    gate, up, down = (f"{name}.{n}" for n in names)
    tensors = (
        *linear(gate, hidden, intermediate, bias=bias, cut=COLUMN),
        *linear(up, hidden, intermediate, bias=bias, cut=COLUMN),
        *linear(down, intermediate, hidden, bias=bias, cut=ROW),
    )
    return Part(tensors, (), (Work("mlp", max(3, STEPS.get(act, 2)) * intermediate),))


def fused_gated_mlp(name: str, hidden: int, intermediate: int, *, names: tuple[str, str], bias: bool = False) -> Part:
    """gate and up in one matrix."""
    gate_up, down = (f"{name}.{n}" for n in names)
    tensors = (
        *linear(gate_up, hidden, 2 * intermediate, bias=bias, cut=COLUMN),
        *linear(down, intermediate, hidden, bias=bias, cut=ROW),
    )
    return Part(tensors, (), (Work("mlp", 4 * intermediate),))


def mlp(
    names: tuple[str, str],
    hidden: int,
    intermediate: int,
    *,
    bias: bool = True,
    layout: str = "oi",
    act: str = "gelu",
) -> Part:
    """Two matrices with an activation between.

    Args:
        act: the activation as configs name it; some are written out in elementary steps.
    """
    up, down = names
    tensors = (
        *linear(up, hidden, intermediate, bias=bias, cut=COLUMN, layout=layout),
        *linear(down, intermediate, hidden, bias=bias, cut=ROW, layout=layout),
    )
    return Part(tensors, (), (Work("mlp", STEPS.get(act, 2) * intermediate),))


def router(name: str, hidden: int, experts: int, *, bias: bool = False) -> Tensors:
    """The gate that scores every expert; never quantised, whole on every rank."""
    return linear(name, hidden, experts, bias=bias, role="router")


def experts(
    name: str,
    hidden: int,
    intermediate: int,
    count: int,
    top_k: int,
    *,
    names: tuple[str, ...] = GATE_UP_DOWN,
    bias: bool = False,
    wide: bool = False,
) -> Part:
    """Routed experts stored one by one, ``name.{}.gate_proj.weight`` and so on; the last of ``names`` leads back.

    Args:
        wide: the router's weights are fp32, and so is what they multiply (transformers 5.23).
    """
    tensors: list[Tensor] = []
    for n in names[:-1]:
        tensors += linear(f"{name}.{{}}.{n}", hidden, intermediate, bias=bias, cut=COLUMN)
    tensors += linear(f"{name}.{{}}.{names[-1]}", intermediate, hidden, bias=bias, cut=ROW)
    # transformers 5 runs them as one: the gathered inputs, gate and up together, the activation, the product
    width = top_k * (2 * (len(names) - 1) * intermediate + hidden)
    work = Work("moe", width, top_k=top_k, run=Run(wide=wide))
    return Part(tuple(t._replace(copies=count, active=top_k) for t in tensors), (), (work,))


def plain_experts(
    names: tuple[str, str], hidden: int, intermediate: int, count: int, top_k: int, *, bias: bool = True
) -> Part:
    """Routed experts of two matrices with an activation between, run one after another; ``{}`` is the expert."""
    one = mlp(names, hidden, intermediate, bias=bias)
    work = Work("moe", top_k * (2 * intermediate + hidden), top_k=top_k)
    return Part(tuple(t._replace(copies=count, active=top_k) for t in one.tensors), (), (work,))


def stacked_experts(
    name: str,
    hidden: int,
    intermediate: int,
    count: int,
    top_k: int,
    *,
    names: tuple[str, str] = ("gate_up_proj", "down_proj"),
    bias_suffix: str | None = None,
    layout: str = "io",
) -> Part:
    """Routed experts stored as stacks, ``name.gate_up_proj`` (experts, hidden, 2 * intermediate) in layout "io"."""
    up, down = names
    o, i = layout.index("o"), layout.index("i")
    shapes = ((hidden, 2 * intermediate), (intermediate, hidden))
    tensors = [
        Tensor(
            f"{name}.{n}",
            s if layout == "io" else s[::-1],
            shard=axis,
            copies=count,
            active=top_k,
            layout=layout,
        )
        for n, s, axis in ((up, shapes[0], o), (down, shapes[1], i))
    ]
    if bias_suffix:
        tensors.insert(1, Tensor(f"{name}.{up}{bias_suffix}", (2 * intermediate,), "bias", 0, 1, count, top_k))
        tensors.append(Tensor(f"{name}.{down}{bias_suffix}", (hidden,), "bias", None, 1, count, top_k))
    return Part(tuple(tensors), (), (Work("moe", top_k * (4 * intermediate + hidden), top_k=top_k),))


def shared_moe(
    name: str,
    hidden: int,
    intermediate: int,
    count: int,
    top_k: int,
    shared: int,
    *,
    correction: str = "gate.e_score_correction_bias",
) -> Part:
    """Routed experts that a learned correction keeps evenly used, and one that every token visits (arXiv:2412.19437).

    Args:
        shared: width of the shared expert.
        correction: the bias on the router's scores, always fp32; named relative to ``name``.
    """
    return join(
        router(f"{name}.gate", hidden, count),
        buffer(f"{name}.{correction}", count, dtype="fp32"),
        experts(f"{name}.experts", hidden, intermediate, count, top_k, wide=True),
        gated_mlp(f"{name}.shared_experts", hidden, shared),
    )


def stacked_shared_experts(name: str, hidden: int, intermediate: int, count: int) -> Tensors:
    """Experts that every token visits, stored as one stack per matrix (even of one)."""

    def stack(n: str, outputs: int, inputs: int, shard: int) -> Tensor:
        if count == 1:
            return Tensor(f"{name}.{n}", (1, outputs, inputs), shard=shard + 1)
        return Tensor(f"{name}.{n}", (outputs, inputs), shard=shard, copies=count)

    gate, up, down = GATE_UP_DOWN
    return (
        stack(gate, intermediate, hidden, 0),
        stack(up, intermediate, hidden, 0),
        stack(down, hidden, intermediate, 1),
    )


def gated_shared_moe(name: str, hidden: int, intermediate: int, count: int, top_k: int, shared: int) -> Part:
    """Routed experts, and one that every token visits and gates (Qwen2-57B-A14B, arXiv:2407.10671).

    Args:
        shared: width of the shared expert.
    """
    return join(
        router(f"{name}.gate", hidden, count),
        # The shared expert's output waits for theirs.
        runs(experts(f"{name}.experts", hidden, intermediate, count, top_k), held=5),
        gated_mlp(f"{name}.shared_expert", hidden, shared),
        # A gate of one row is kept whole and unquantised like a router.
        router(f"{name}.shared_expert_gate", hidden, 1),
    )
