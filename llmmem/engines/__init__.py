"""Engines: what each one allocates, by its own rules. Branches on an engine's name live only here."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from llmmem.errors import UsageError

#: name on the command line -> module
ENGINES = {"transformers": "transformers"}


class Band(NamedTuple):
    """Bytes: the best guess and the ends it is believed to lie between; all equal where it is exact."""

    low: int
    best: int
    high: int

    def __add__(self, other: "Band") -> "Band":  # type: ignore[override]
        return Band(self.low + other.low, self.best + other.best, self.high + other.high)


class Line(NamedTuple):
    """One line of a report."""

    component: str
    #: weights, kv_cache, state, activations, image or overhead
    group: str
    label: str
    bytes: int
    low: int
    high: int
    #: exact, measured or estimated
    basis: str
    why: str


class Stage(NamedTuple):
    """A moment of the prefill and the bytes alive in it, as a polynomial of the request.

    With b requests of t tokens (and e encoder tokens):
    ``b * (t * token + t * t * square + e * source + t * e * cross + once) + t * shared``.
    """

    label: str
    component: str
    token: int
    square: int = 0
    source: int = 0
    cross: int = 0
    once: int = 0
    shared: int = 0

    def bytes(self, batch: int, tokens: int, source: int) -> int:
        """Bytes alive with ``batch`` requests of ``tokens`` tokens reading ``source`` encoder tokens."""
        each = tokens * self.token + tokens * tokens * self.square + source * self.source + tokens * source * self.cross
        return batch * (each + self.once) + tokens * self.shared


def engine(name: str) -> ModuleType:
    """The module of an engine.

    Raises:
        UsageError: no such engine.
    """
    if name not in ENGINES:
        raise UsageError(f"--engine {name[:40]!r} is unknown.", f"Known: {', '.join(ENGINES)}.")
    return import_module(f"{__name__}.{ENGINES[name]}")
