"""The answer of ``calc``: memory by line, GPUs, and with --explain every component and layer kind."""

from __future__ import annotations

from typing import Any

from llmmem.deployment import Deployment
from llmmem.engines import Budget
from llmmem.engines.command import Command
from llmmem.fit import Fit
from llmmem.fit.advice import Change
from llmmem.memory.report import GROUPS, MemoryReport
from llmmem.render import Answer, Chart, Column, Table, gib
from llmmem.render.explain import explained, explained_tree
from llmmem.render.gpus import gpu_name
from llmmem.units import format_count

#: groups of lines as people see them
GROUP_NAMES = {
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


def heading(report: MemoryReport, verdict: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The model, the answer in one line where there is one, and what was asked."""
    spec, d = report.spec, report.deployment
    name = f"{report.reference or spec.model_type} ({report.source})"
    active = spec.active_parameters
    some = f", {format_count(active)} active per token" if active != spec.parameters else ""
    extra = f" (+ {format_count(spec.unloaded_parameters)} not loaded)" if spec.unloaded_parameters else ""
    split = "".join(f", {n} {v}" for n, v in (("tp", d.tp), ("pp", d.pp), ("ep", d.ep), ("dp", d.dp)) if v > 1)
    return (
        name,
        *verdict,
        f"{spec.architecture}: {format_count(spec.parameters)} parameters{some}{extra}, {report.attention_type}",
        f"{d.engine}, {report.precision} weights, {report.plan.asked(d.batch, d.context)}{_media(d)}{split}",
    )


def _media(d: Deployment) -> str:
    """What each request carries beside text."""
    size = f" of {d.image_size[1]:,} x {d.image_size[0]:,}" if d.image_size else ""
    pictures = f", {d.images:,} picture{'s' if d.images > 1 else ''}{size}" if d.images else ""
    film = f", a film of {d.video_frames:,} frames{'' if pictures else size}" if d.video_frames else ""
    return pictures + film + (f", {d.audio:,g} s of sound" if d.audio else "")


def answer(
    report: MemoryReport, fits: list[Fit], changes: dict[str, list[Change]], *, explain: bool, status: int
) -> Answer:
    """The report and the GPUs as an Answer, and for GPUs that do not hold it what would."""
    data = report.to_dict()
    data["fit"] = [{**fit_data(row), "changes": [c._asdict() for c in changes.get(row.gpu.id, [])]} for row in fits]
    tree: tuple[str, ...] = ()
    if explain:
        data["explain"] = explained(report)
        tree = explained_tree(report, data["explain"])
    tables = [memory_table(report)]
    if report.budget:
        tables.append(budget_table(report.budget, report.deployment.context))
    if data.get("stages"):
        tables.append(stages_table(data["stages"]))
    if fits:
        tables.append(fit_table(fits, context=report.plan.CONTEXT))
    tables += [advice_table(row, changes[row.gpu.id]) for row in fits if row.gpu.id in changes]
    reasons = ("Why:", *(f"- {GROUP_NAMES[x.group]}, {x.component}: {x.why}." for x in report.lines), "")
    closing = (
        *(() if explain else reasons),  # the tree has them
        "Sizes in GiB (2^30 bytes) on the fullest rank. Fit, headroom and limits are judged at the high end;"
        " needed is the least number of GPUs that holds it.",
    )
    known = not report.spec.unknown
    return Answer(
        "calc",
        data,
        heading(report, (verdict(report, fits),)),
        tuple(tables),
        closing,
        report.notes,
        number=report.total_memory_bytes if known else None,
        tree=tree,
        chart=chart(report),
        status=status,
    )


def verdict(report: MemoryReport, fits: list[Fit]) -> str:
    """The answer in one line: the total, and what it fits on."""
    d = report.deployment
    ranks = d.tp * d.pp * d.dp
    each = f" on each of {ranks} GPUs" if ranks > 1 else ""
    if report.spec.unknown:
        return f"Needs more than {gib(report.peak_low)} GiB{each}: not all of it is known"
    need = f"Needs {gib(report.total_memory_bytes)} GiB{each} ({gib(report.peak_low)} to {gib(report.peak_high)})"
    holding = [row for row in fits if row.fits]
    if len(fits) == 1:
        (row,) = fits
        left = f"{gib(abs(row.headroom or 0))} GiB"
        return f"{need}: " + (
            f"fits on {row.gpu.id}, {left} to spare" if row.fits else f"{left} too much for {row.gpu.id}"
        )
    if not fits or not holding:
        return f"{need}: none of these {len(fits)} GPUs holds it" if fits else need
    if len(holding) == len(fits):
        return f"{need}: fits on each of these {len(fits)} GPUs"
    least = min(holding, key=lambda row: row.usable)
    return f"{need}: fits on {len(holding)} of these {len(fits)} GPUs, the smallest {least.gpu.id}"


def chart(report: MemoryReport) -> Chart:
    """One bar for each line."""
    lines = [line for group in GROUPS for line in report.lines if line.group == group and line.bytes]
    labels = tuple(f"{GROUP_NAMES[x.group]}: {x.component}, {x.label}" for x in lines)
    more = "more than " if report.spec.unknown else ""
    size = gib(report.peak_low if more else sum(x.bytes for x in lines))
    title = f"{report.reference or report.model_type}: {more}{size} GiB on the fullest rank"
    return Chart("bars", title, labels, (("", tuple(float(x.bytes) for x in lines)),))


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
        Column("group", "memory", lambda g: GROUP_NAMES.get(g, g), right=False),
        Column("component", "part", right=False),
        Column("label", "what", right=False),
        Column("bytes", "GiB", gib),
        Column("low", "low", gib, wide=True),
        Column("high", "high", gib, wide=True),
        Column("bytes", "", right=False, bar=True),
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


def fit_table(fits: list[Fit], *, context: bool) -> Table:
    """One row per GPU.

    Args:
        context: whether the model has one.
    """
    columns = (
        Column("gpu", "GPU", gpu_name, right=False),
        Column("usable", "usable", gib),
        Column("fits", "fits", yes_or_no, right=False),
        Column("headroom", "headroom", gib),
        Column("needed", "needed", lambda n: "> node" if n is None else str(n)),
        Column("max_batch", "max batch", _count),
        *((Column("max_context", "max ctx", _count),) if context else ()),
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
    group = GROUP_NAMES[fit.obstacle or "activations"]
    title = f"{fit.gpu.id}: {gib(-(fit.headroom or 0))} GiB too much; the memory runs out at the {group}."
    if not changes:
        return Table((), [], title + " Nothing that was tried makes it fit.")
    return Table(columns, [change._asdict() for change in changes], title)


def served(found: Answer, command: Command, fits: list[Fit]) -> Answer:
    """The answer with the command that serves the plan, which is all that people see of it.

    Args:
        fits: the GPUs that were asked about.
    """
    data = {**found.data, "command": command.text}
    small = [row.gpu.id for row in fits if row.fits is False]
    too_much = (f"the plan does not fit {', '.join(small)}",) if small else ()
    notes = (*found.notes, *command.notes, *too_much)
    return found._replace(data=data, text=command.text, notes=notes)


def stages_table(stages: list[dict[str, Any]]) -> Table:
    """What comes one after another; the one with the highest peak decides."""
    columns = (
        Column("stage", "stage", right=False),
        Column("component", "part", right=False),
        Column("passes", "at once", _count),
        Column("tokens", "positions", _count),
        Column("prompt", "prompt", _count, wide=True),
        Column("weights", "weights", gib),
        Column("activations", "activations", gib),
        Column("peak", "together", gib),
        Column("decides", "", lambda v: "decides" if v else "", right=False),
    )
    return Table(columns, stages)
