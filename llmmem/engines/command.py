"""The command line that serves a plan: what every engine's has in common."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Iterable
from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.errors import UsageError
from llmmem.gpus import Gpu

#: stands for the address of the first node, which nobody here knows
HEAD = "HEAD_ADDRESS"
#: GPUs in a node where the catalogue does not say
USUAL_NODE = 8


class Command(NamedTuple):
    """One command for each node that starts one, and what the user should know."""

    lines: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As a shell takes it, a line for each."""
        from shlex import join

        return "\n".join(join(line) for line in self.lines)


def nodes(gpu: Gpu | None, ranks: int) -> int:
    """Nodes that so many GPUs stand in."""
    each = USUAL_NODE if gpu is None else gpu.gpus_per_node or (1 if gpu.unified else USUAL_NODE)
    return -(-ranks // each)


def named(reference: str) -> tuple[str, str]:
    """The model's name and the revision asked for, which may be "".

    Raises:
        UsageError: it has no name that a server could load it by.
    """
    if not reference or reference == "-":
        raise UsageError("A config on its own has no weights to serve.", "Give the id or folder of the model.")
    if "/" in reference and reference[0] not in "./~" and "@" in reference:
        name, _, revision = reference.partition("@")
        return name, revision
    return reference, ""


def options(given: Iterable[tuple[str, object]]) -> list[str]:
    """Words of a command: None and False leave an option out, True is the option alone."""
    out = []
    for name, value in given:
        if value is None or value is False:
            continue
        out += [name] if value is True else [name, str(value)]
    return out


#: precisions that an engine of PyTorch's family makes itself while loading -> option and value
LOADED = {
    "auto": (),
    "bf16": (("--dtype", "bfloat16"),),
    "fp16": (("--dtype", "float16"),),
    "fp32": (("--dtype", "float32"),),
    "fp8": (("--quantization", "fp8"),),
}


def precision(engine: str, d: Deployment) -> tuple[tuple[str, str], ...]:
    """Options for the weights' precision.

    Raises:
        UsageError: the engine loads such weights only from a checkpoint that has them.
    """
    if d.precision not in LOADED:
        raise UsageError(
            f"{engine} makes no {d.precision} weights while it loads.",
            f"Name a checkpoint of the model in {d.precision}, and leave --precision out.",
        )
    return LOADED[d.precision]
