"""A start-up log beside a prediction: each of its figures, what llmmem says, and how far apart they are."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import Any, NamedTuple

from llmmem.deployment import Deployment
from llmmem.engines import Band
from llmmem.engines.log import Measured, Reading
from llmmem.memory.report import MemoryReport

NAMES = {
    "weights": "weights",
    "activations": "activations",
    "non_torch": "non-torch",
    "graphs": "CUDA graphs",
    "pool": "KV pool",
    "kv_cache": "KV cache",
    "state": "recurrent state",
    "output": "output buffer",
    "tokens": "tokens in the pool",
    "blocks": "blocks of the pool",
    "requests": "requests at once",
    "tokens_in": "tokens in the pool logged",
}
#: settings that are not options of the engine -> how to give them
OPTIONS = {"context": "--context", "tp": "--tp", "pp": "--pp"}


class Beside(NamedTuple):
    """One figure of the log and the prediction for it."""

    what: str
    #: bytes, tokens, blocks or x
    unit: str
    measured: float
    #: None: not predicted
    predicted: float | None
    low: float | None
    high: float | None
    #: predicted over measured, less one; None where there is nothing to compare
    difference: float | None
    #: equal (as far as it is printed), in the band, off, or not predicted
    verdict: str
    line: int
    text: str


def against(report: MemoryReport, reading: Reading) -> tuple[list[Beside], tuple[str, ...]]:
    """Every figure of the log, and notes on settings that are not the plan's."""
    d = report.deployment
    bands: dict[str, tuple[float, float, float]] = dict(report.plan.logged(d.batch, d.context))
    cache = report.cache
    less, more = report.plan.pool_spread(d.context)
    pool = cache.pool_bytes or 0
    low, high = ((pool - less) / pool, (pool + more) / pool) if pool else (1.0, 1.0)
    for what, value in (
        ("pool", cache.pool_bytes),
        ("tokens", cache.pool_tokens),
        ("blocks", cache.num_blocks),
        ("requests", cache.max_concurrency),
    ):
        if value is not None:
            bands[what] = (low * value, value, high * value)
    rows = [_beside(m, bands.get(m.what)) for m in reading.measured]
    rows += _same_pool(report, reading)
    return rows, tuple(_settings(d, reading))


def _beside(m: Measured, band: tuple[float, float, float] | None) -> Beside:
    name = NAMES[m.what]
    if band is None:
        return Beside(name, m.unit, m.value, None, None, None, None, "not predicted", m.line, m.text)
    low, best, high = band
    difference = best / m.value - 1 if m.value else None
    if abs(best - m.value) <= m.step:
        verdict = "equal"
    elif low - m.step <= m.value <= high + m.step:
        verdict = "in the band"
    else:
        verdict = "off"
    return Beside(name, m.unit, m.value, best, low, high, difference, verdict, m.line, m.text)


def _same_pool(report: MemoryReport, reading: Reading) -> list[Beside]:
    """Tokens that the pool of the log holds by the engine's rules: free of everything that is estimated."""
    by = {m.what: m for m in reading.measured}
    pool, tokens = by.get("pool") or by.get("kv_cache"), by.get("tokens")
    if pool is None or tokens is None:
        return []
    sizes = (int(pool.value - pool.step), int(pool.value), int(pool.value + pool.step))
    counts = [report.plan.tokens_in(size, report.deployment.context) for size in sizes]
    known = [float(n) for n in counts if n is not None]
    if len(known) < len(sizes):
        return []
    return [_beside(tokens, Band(*known))._replace(what=NAMES["tokens_in"])]  # type: ignore[arg-type]


def _settings(d: Deployment, reading: Reading) -> list[str]:
    out = []
    for name, value in reading.settings:
        if name in OPTIONS:
            mine, option = getattr(d, name), OPTIONS[name]
        elif name == "cells":
            mine, option = d.batch * d.context, "--batch times --context of"
        else:
            mine, option = d.knob(name), "--" + name.replace("_", "-")
        if mine != value:
            stated = "not given" if mine is None else f"{mine:,}"
            out.append(f"the log's {name} is {value:,.10g}, the plan's {stated}: give {option} {value:.10g}")
    return out


def as_data(rows: list[Beside]) -> list[dict[str, Any]]:
    """The rows as plain data."""
    return [row._asdict() for row in rows]
