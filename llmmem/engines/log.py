"""Start-up logs: what an engine said it measured, line by line. Each engine's own lines are read in its own room."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import islice
from typing import NamedTuple

UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "MB": 1 << 20, "GB": 1 << 30}
#: a number as engines print it
NUMBER = r"(?<!\d)(-?\d[\d,]{0,20}(?:\.\d{1,9})?)"
#: one of these is in every line that is known; what serving prints has few of them
WORDS = (
    "iB",
    "GB",
    "MB",
    "concurrency",
    "blocks",
    "size",
    "max_",
    "context_len",
    "n_ctx",
    "n_batch",
    "n_ubatch",
    "n_seq_max",
)
#: of those, so many are looked at
MOST = 20_000
#: engine -> its reader
READERS = {"vllm": "vllm.log", "sglang": "sglang.log", "llama.cpp": "llamacpp.log"}


class Measured(NamedTuple):
    """One figure of a log."""

    #: weights, activations, non_torch, graphs, pool, kv_cache, state, output, tokens, blocks or requests
    what: str
    value: float
    #: bytes, tokens, blocks or x
    unit: str
    #: what the last digit printed stands for
    step: float
    line: int
    #: the words of the log
    text: str


class Reading(NamedTuple):
    """What a log says."""

    engine: str
    measured: tuple[Measured, ...]
    #: options by the names of a Deployment (context, tp, pp, ...) or of the engine's knobs
    settings: tuple[tuple[str, float], ...]


class Rule(NamedTuple):
    """How one figure is recognised; the pattern's first group is the number, the second its unit, if it has one."""

    what: str
    pattern: re.Pattern[str]
    unit: str = "bytes"


def rule(what: str, text: str, unit: str = "bytes") -> Rule:
    """A rule whose text says N for the number, and U for its unit."""
    size = "(" + "|".join(UNITS) + ")"
    return Rule(what, re.compile(text.replace("<N>", NUMBER).replace("<U>", size)), unit)


def amount(number: str, unit: str | None) -> tuple[float, float]:
    """A printed number, in bytes where it has a unit, and what its last digit stands for."""
    factor = UNITS[unit] if unit else 1
    text = number.replace(",", "")
    digits = len(text.partition(".")[2])
    return float(text) * factor, factor / 10**digits


def found(lines: Iterable[tuple[int, str]], rules: Sequence[Rule]) -> list[Measured]:
    """Every figure of the rules, in the order of the log."""
    out = []
    for number, line in lines:
        for r in rules:
            match = r.pattern.search(line)
            if match:
                size, step = amount(match[1], match[2] if r.unit == "bytes" else None)
                out.append(Measured(r.what, size, r.unit, step, number, match[0].strip()))
    return out


def settled(lines: Iterable[tuple[int, str]], patterns: dict[str, re.Pattern[str]]) -> tuple[tuple[str, float], ...]:
    """Options that the log states; the first time each is stated counts."""
    out: dict[str, float] = {}
    for _, line in lines:
        for name, pattern in patterns.items():
            if name not in out and (match := pattern.search(line)):
                out[name] = float(match[1].replace(",", ""))
    return tuple(out.items())


def fullest(measured: Iterable[Measured]) -> list[Measured]:
    """One figure of each kind: ranks print the same lines, and the fullest counts; of what they hold, the least."""
    out: dict[str, Measured] = {}
    for m in measured:
        old = out.get(m.what)
        more = m.value > old.value if old and m.unit == "bytes" else old is not None and m.value < old.value
        if old is None or more:
            out[m.what] = m
    return list(out.values())


def read(lines: Sequence[str], engine: str = "auto") -> Reading | None:
    """What the log of an engine says; None where it has no line that is known.

    Args:
        engine: whose log it is; "auto" finds out by its lines.
    """
    best: Reading | None = None
    likely = ((i, line) for i, line in enumerate(lines, 1) if any(word in line for word in WORDS))
    numbered = list(islice(likely, MOST))
    for name in READERS if engine not in READERS else (engine,):
        reader: Callable[[Sequence[tuple[int, str]]], Reading]
        reader = import_module(f"llmmem.engines.{READERS[name]}").read
        reading = reader(numbered)
        if reading.measured and (best is None or len(reading.measured) > len(best.measured)):
            best = reading
    return best
