"""The answer of ``compare``: a row for each deployment, what differs, verdicts, and what grew since a saved report."""

from __future__ import annotations

from typing import Any

from llmmem.errors import UsageError
from llmmem.fit.capacity import Case, Unanswered
from llmmem.memory.growth import Key, changes, percent
from llmmem.memory.report import GROUPS
from llmmem.render import Answer, Chart, Column, Table, gib
from llmmem.render.calc import GROUP_NAMES, fit_data, yes_or_no
from llmmem.units import format_count

#: what deployments may differ in, and its title
_SETTINGS = {
    "engine": "engine",
    "kv_precision": "cache",
    "batch": "batch",
    "context": "context",
    "tp": "tp",
    "pp": "pp",
    "ep": "ep",
    "dp": "dp",
    "images": "images",
    "image_size": "size",
    "video_frames": "frames",
    "audio": "sound",
}
#: what --sort takes
SORTABLE = (
    "name", "model", "parameters", "active_parameters", "batch", "context", "tp", "pp", "weights", "kv_cache", "state",
    "activations", "image", "overhead", "total", "high", "usable", "budget",
)  # fmt: skip
_VERDICTS = {True: "holds", False: "FAILS", None: "-"}


def answer(
    cases: list[Case],
    unanswered: list[Unanswered],
    before: dict[str, dict[Key, int]] | None,
    baseline: str,
    *,
    checked: bool,
    status: int,
) -> Answer:
    """One row per deployment; beside it, where asked for, the verdicts and the comparison with a saved report."""
    rows = [_row(case, cases[0]) for case in cases]
    data: dict[str, Any] = {"models": [_data(case) for case in cases]}
    tables = [Table(_columns(cases, rows, checked), rows)]
    closing: list[str] = []
    if unanswered:
        data["unanswered"] = [
            {"name": one.name, "kind": one.error.kind, "message": str(one.error), "hint": one.error.hint}
            for one in unanswered
        ]
    if before is not None:
        data["baseline"] = _growth(cases, {one.name for one in unanswered}, before, baseline)
        tables.append(_growth_table(data["baseline"]))
        closing += [f"{name}: not in {baseline}." for name in data["baseline"]["new"]]
        closing += [f"{name}: only in {baseline}." for name in data["baseline"]["gone"]]
    reasons = [f"- {case.name}: {reason}." for case in cases for reason in case.reasons] if checked else []
    if reasons:
        failed = sum(not case.passed for case in cases)
        closing += [f"{failed} of {len(cases)} do not hold:", *reasons, ""]
    if unanswered:
        closing += [f"{len(unanswered)} cannot be answered:", *(f"- {one.name}: {one.error}" for one in unanswered), ""]
    closing.append("Sizes in GiB (2^30 bytes) on the fullest rank; fits is judged at the high end.")
    notes = dict.fromkeys(f"{case.report.reference}: {note}" for case in cases for note in case.report.notes)
    notes |= dict.fromkeys(f"{one.name}: not answered, and in no row." for one in unanswered)
    return Answer(
        "compare",
        data,
        (_heading(cases),),
        tuple(tables),
        tuple(closing),
        tuple(notes),
        chart=chart(rows),
        status=status,
    )


def chart(rows: list[dict[str, Any]]) -> Chart:
    """One bar for each deployment, its groups end to end."""
    groups = [g for g in GROUPS if any(row[g] for row in rows)]
    series = tuple((GROUP_NAMES[g], tuple(float(row[g] or 0) for row in rows)) for g in groups)
    return Chart("bars", "Memory on the fullest rank", tuple(row["name"] for row in rows), series)


def in_order(cases: list[Case], column: str) -> list[Case]:
    """The cases by a column, the largest first where a "-" stands before it; what is unknown comes last.

    Raises:
        UsageError: no such column.
    """
    key = column.lower().lstrip("-").replace("-", "_").replace(" ", "_")
    if key not in SORTABLE:
        raise UsageError(f"--sort {column[:40]!r} is no column.", f"Known: {', '.join(SORTABLE)}.")
    values: dict[int, Any] = {id(case): _row(case, cases[0])[key] for case in cases}
    there = [case for case in cases if values[id(case)] not in (None, "")]
    there.sort(key=lambda case: values[id(case)], reverse=column.startswith("-"))
    return there + [case for case in cases if values[id(case)] in (None, "")]


def _data(case: Case) -> dict[str, Any]:
    one = {"name": case.name, **case.report.to_dict()}
    one["fit"] = [fit_data(fit) for fit in case.fits]
    one["check"] = {"passed": case.passed, "budget": case.budget, "reasons": list(case.reasons)}
    return one


def _row(case: Case, first: Case) -> dict[str, Any]:
    """Everything that may stand in a column."""
    one = case.report.to_dict()
    total, start = one["memory"]["total"], None if first.report.spec.unknown else first.report.total_memory_bytes
    return {
        "name": case.name,
        "model": case.report.reference,
        "attention": case.report.attention_type,
        "parameters": case.report.spec.parameters,
        "active_parameters": case.report.spec.active_parameters,
        **one["deployment"],
        **one["memory"],
        **({} if case.report.plan.CONTEXT else dict.fromkeys(("kv_cache", "state", "image"), "")),
        "high": one["peak"]["high"],
        "change": None if case is first or total is None or start is None else percent(start, total),
        "gpu": " or ".join(f"{fit.gpus} x {fit.gpu.id}" for fit in case.fits),
        "usable": min((fit.usable for fit in case.fits), default=None),
        "budget": case.budget,
        "passed": case.passed,
        "reason": "; ".join(case.reasons),
        **{fit.gpu.id: fit.fits for fit in case.fits},
    }


def _columns(cases: list[Case], rows: list[dict[str, Any]], checked: bool) -> tuple[Column, ...]:
    """Names, settings that are not the same in all rows, sizes, GPUs and verdicts; a check shows what decides it."""
    named = any(row["name"] != row["model"] for row in rows)
    columns = [Column("name", "deployment", right=False)] if named else []
    columns += [
        Column("model", "model", right=False, wide=named),
        Column("attention", "attention", right=False, wide=3, raw_only=checked),
        Column("parameters", "parameters", format_count, wide=named, raw_only=checked),
        Column("active_parameters", "active", format_count, wide=2, raw_only=checked),
        Column("precision", "stored", right=False, wide=True, raw_only=checked),
    ]
    columns += [
        Column(key, title, _setting, right=not isinstance(rows[0][key], str), wide=named)
        for key, title in _SETTINGS.items()
        if not _same(rows, key)
    ]
    columns += [
        Column("weights", "weights", gib, raw_only=checked),
        Column("kv_cache", "KV cache", _some, raw_only=checked),
        Column("state", "state", _some, wide=2, raw_only=checked),
        Column("activations", "activations", gib, wide=2, raw_only=checked),
        Column("image", "pictures", _some, wide=3, raw_only=checked),
        Column("overhead", "overhead", gib, wide=2, raw_only=checked),
        Column("total", "total", gib),
    ]
    columns += [Column("change", "vs first", _change, wide=True, raw_only=checked)] if len(rows) > 1 else []
    columns.append(Column("high", "high", gib, wide=not checked))
    ids = [[(fit.gpu.id, fit.gpus) for fit in case.fits] for case in cases]
    if all(these == ids[0] for these in ids):
        columns += [Column(name, name, yes_or_no, right=False) for name, _ in ids[0]]
    else:
        columns += [Column("gpu", "GPU", right=False), Column("usable", "usable", _size)]
    if any(case.budget is not None for case in cases):
        columns.append(Column("budget", "budget", _size))
    if checked:
        columns += [Column("passed", "verdict", _VERDICTS.__getitem__, right=False)]
        columns += [Column("reason", "reason", right=False, raw_only=True)]
    return tuple(columns)


def _heading(cases: list[Case]) -> str:
    """The settings that all share."""
    rows = [case.report.to_dict()["deployment"] for case in cases]
    shared = {key: rows[0][key] for key in _SETTINGS if key != "kv_precision" and _same(rows, key)}
    parts = [
        value if key == "engine" else f"{_SETTINGS[key]} {_setting(value)}"
        for key, value in shared.items()
        if value is not None and (key in ("engine", "batch", "context") or value not in (0, 1))
    ]
    return ", ".join(parts) or f"{len(cases)} deployments"


def _same(rows: list[dict[str, Any]], key: str) -> bool:
    return all(row[key] == rows[0][key] for row in rows)


def _growth(
    cases: list[Case], unanswered: set[str], before: dict[str, dict[Key, int]], baseline: str
) -> dict[str, Any]:
    """What changed since the saved report: deployments are found by name, and one alone by being so; one that could
    not be answered is not gone."""
    now = {case.name: _lines(case) for case in cases}
    if len(before) == len(now) == 1 and not unanswered:
        before = dict(zip(now, before.values(), strict=True))
    return {
        "file": baseline,
        "changes": [c._asdict() for name in now if name in before for c in changes(name, before[name], now[name])],
        "new": [name for name in now if name not in before],
        "gone": [name for name in before if name not in now and name not in unanswered],
    }


def _lines(case: Case) -> dict[Key, int]:
    out: dict[Key, int] = {}
    for line in case.report.lines:
        key = (line.group, line.component, line.label)
        out[key] = out.get(key, 0) + line.bytes
    return out


def _growth_table(growth: dict[str, Any]) -> Table:
    if not growth["changes"]:
        return Table((), [], f"Nothing changed since {growth['file']}.")
    columns = (
        Column("name", "deployment", right=False),
        Column("group", "memory", lambda g: GROUP_NAMES.get(g, g), right=False),
        Column("component", "part", right=False, wide=True),
        Column("label", "what", right=False, wide=True),
        Column("before", "before", lambda v: f"{v:,}", wide=True),
        Column("now", "now", lambda v: f"{v:,}", wide=True),
        Column("change", "bytes", lambda v: f"{v:+,}"),
        Column("percent", "change", _change),
    )
    return Table(columns, growth["changes"], f"Since {growth['file']}, in bytes:")


def _setting(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _change(value: Any) -> str:
    return "-" if value is None else f"{value:+,.1f} %"


def _some(value: Any) -> str:
    """A size; nothing where the model has no such thing."""
    return "-" if value == "" else gib(value)


def _size(value: Any) -> str:
    return "-" if value is None else gib(value)
