"""The answer of ``calc``: memory by line, GPUs, and with --explain every component and layer kind."""

from __future__ import annotations

from typing import Any

from llmmem.engines import Budget
from llmmem.fit import Fit
from llmmem.fit.advice import Change
from llmmem.memory.report import GROUPS, MemoryReport
from llmmem.render import Answer, Column, Table, gib
from llmmem.render.explain import explained
from llmmem.render.gpus import gpu_name
from llmmem.units import format_count

_GROUP_NAMES = {
    "weights": "weights",
    "kv_cache": "KV cache",
    "state": "state",
    "activations": "activations",
    "image": "pictures",
    "overhead": "overhead",
}


def _count(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def yes_or_no(value: Any) -> str:
    """A verdict as people see it."""
    return "unknown" if value is None else "fits" if value else "no"


def heading(report: MemoryReport) -> tuple[str, ...]:
    """What was asked, in a few lines."""
    spec, d = report.spec, report.deployment
    name = f"{report.reference or spec.model_type} ({report.source})"
    active = spec.active_parameters
    some = f", {format_count(active)} active per token" if active != spec.parameters else ""
    extra = f" (+ {format_count(spec.unloaded_parameters)} not loaded)" if spec.unloaded_parameters else ""
    split = f", tp {d.tp}" if d.tp > 1 else ""
    return (
        name,
        f"{spec.architecture}: {format_count(spec.parameters)} parameters{some}{extra}, {report.attention_type}",
        f"{d.engine}, {report.precision} weights, {report.kv_precision} cache, batch {d.batch:,},"
        f" context {d.context:,}{split}",
    )


def answer(
    report: MemoryReport, fits: list[Fit], changes: dict[str, list[Change]], *, explain: bool, status: int
) -> Answer:
    """The report and the GPUs as an Answer, and for GPUs that do not hold it what would."""
    data = report.to_dict()
    data["fit"] = [{**fit_data(row), "changes": [c._asdict() for c in changes.get(row.gpu.id, [])]} for row in fits]
    if explain:
        data["explain"] = explained(report)
    tables = [memory_table(report)]
    if report.budget:
        tables.append(budget_table(report.budget, report.deployment.context))
    if explain:
        tables += explain_tables(data["explain"])
    if fits:
        tables.append(fit_table(fits))
    tables += [advice_table(row, changes[row.gpu.id]) for row in fits if row.gpu.id in changes]
    closing = (
        "Why:",
        *(f"- {_GROUP_NAMES[line.group]}, {line.component}: {line.why}." for line in report.lines),
        "",
        "Sizes in GiB (2^30 bytes) on the fullest rank. Fit, headroom and limits are judged at the high end;"
        " needed is the least number of GPUs that holds it.",
    )
    return Answer("calc", data, heading(report), tuple(tables), closing, report.notes, 0, status)


def memory_table(report: MemoryReport) -> Table:
    """One row per line, and the total."""
    rows: list[dict[str, Any]] = [line._asdict() for group in GROUPS for line in report.lines if line.group == group]
    unknown = {"component": "", "label": "", "bytes": None, "low": None, "high": None, "basis": "unknown", "why": ""}
    rows += [{**unknown, "group": group} for group in report.spec.unknown]
    total = {
        "component": "",
        "group": "total",
        "label": "",
        "bytes": None if report.spec.unknown else report.total_memory_bytes,
        "low": report.peak_low,
        "high": None if report.spec.unknown else report.peak_high,
        "basis": "",
        "why": "",
    }
    columns = (
        Column("group", "memory", lambda g: _GROUP_NAMES.get(g, g), right=False),
        Column("component", "part", right=False),
        Column("label", "what", right=False, wide=True),
        Column("bytes", "GiB", gib),
        Column("low", "low", gib, wide=True),
        Column("high", "high", gib, wide=True),
        Column("basis", "basis", right=False),
        Column("why", "why", right=False, raw_only=True),
    )
    return Table(columns, [*rows, total], total=len(rows))


_PARTS = {
    "total": "GPU, as the driver reports it",
    "reserved": "left to others",
    "weights": "weights",
    "activations": "activations",
    "graphs": "CUDA graphs",
    "context": "context and communication",
    "other": "other",
    "pool": "KV pool",
    "left": "left",
}


def budget_table(budget: Budget, context: int) -> Table:
    """The GPU part by part, and in the title what the pool holds."""
    rows = [{"part": name, "bytes": getattr(budget, name)} for name in _PARTS]
    title = (
        f"The whole GPU: {budget.tokens:,} tokens in the pool, {budget.requests:.2f} requests of {context:,} at once,"
        f" longest context {budget.longest_context:,}"
    )
    return Table((Column("part", "budget", lambda p: _PARTS[p], right=False), Column("bytes", "GiB", gib)), rows, title)


def fit_data(row: Fit) -> dict[str, Any]:
    """One GPU as plain data."""
    return {
        "gpu": row.gpu.id,
        "name": row.gpu.name,
        "gpus": row.gpus,
        "usable": row.usable,
        "used": row.used,
        "used_high": row.used_high,
        "headroom": row.headroom,
        "fits": row.fits,
        "needed": row.needed,
        "layout": row.least._asdict() if row.least else None,
        "obstacle": row.obstacle,
        "max_batch": row.max_batch,
        "max_context": row.max_context,
    }


def fit_table(fits: list[Fit]) -> Table:
    """One row per GPU."""
    columns = (
        Column("gpu", "GPU", gpu_name, right=False),
        Column("usable", "usable", gib),
        Column("fits", "fits", yes_or_no, right=False),
        Column("headroom", "headroom", gib),
        Column("needed", "needed", lambda n: "> node" if n is None else str(n)),
        Column("max_batch", "max batch", _count),
        Column("max_context", "max ctx", _count),
    )
    unknown = dict.fromkeys(("needed", "max_batch", "max_context"), "unknown")
    return Table(columns, [fit_data(row) | (unknown if row.used_high is None else {}) for row in fits])


def advice_table(fit: Fit, changes: list[Change]) -> Table:
    """What would make it fit on one GPU."""
    columns = (
        Column("options", "would fit with", right=False),
        Column("high", "high", gib),
        Column("what", "what", right=False, raw_only=True),
    )
    group = _GROUP_NAMES[fit.obstacle or "activations"]
    title = f"{fit.gpu.id}: {gib(-(fit.headroom or 0))} GiB too much; the memory runs out at the {group}."
    if not changes:
        return Table((), [], title + " Nothing that was tried makes it fit.")
    return Table(columns, [change._asdict() for change in changes], title)


def explain_tables(parts: list[dict[str, Any]]) -> list[Table]:
    """One table per kind of layer: its tensors, then its caches."""
    columns = (
        Column("name", "tensor", right=False),
        Column("shape", "shape", lambda s: " x ".join(map(str, s)) if s else "-", right=False),
        Column("count", "count", _count),
        Column("dtype", "stored", right=False),
        Column("bytes", "bytes", _count),
    )
    tables = []
    for part in parts:
        title = f"{part['component']}, {part['layers']}: {part['bytes']:,} bytes"
        tables.append(Table(columns, part["tensors"], title))
    return tables
