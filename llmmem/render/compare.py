"""The answer of ``compare``."""

from __future__ import annotations

from typing import Any

from llmmem.fit import Fit
from llmmem.memory.report import GROUPS, MemoryReport
from llmmem.render import Answer, Chart, Column, Table, gib
from llmmem.render.calc import GROUP_NAMES, fit_data, yes_or_no
from llmmem.units import format_count


def answer(rows: list[tuple[MemoryReport, list[Fit]]], *, status: int) -> Answer:
    """One row per model."""
    data, cells = [], []
    notes: list[str] = []
    for report, fits in rows:
        one = report.to_dict()
        one["fit"] = [fit_data(fit) for fit in fits]
        data.append(one)
        notes += [f"{report.reference}: {note}" for note in report.notes]
        cells.append(
            {
                "model": report.reference,
                "attention": report.attention_type,
                "parameters": report.spec.parameters,
                "active_parameters": report.spec.active_parameters,
                "precision": report.precision,
                **one["memory"],
                "high": one["peak"]["high"],
                **{fit.gpu.id: fit.fits for fit in fits},
            }
        )
    columns = [
        Column("model", "model", right=False),
        Column("attention", "attention", right=False, wide=True),
        Column("parameters", "parameters", format_count),
        Column("active_parameters", "active", format_count, wide=True),
        Column("precision", "stored", right=False, wide=True),
        Column("weights", "weights", gib),
        Column("kv_cache", "KV cache", gib),
        Column("state", "state", gib, wide=True),
        Column("activations", "activations", gib, wide=True),
        Column("image", "pictures", gib, wide=True),
        Column("overhead", "overhead", gib, wide=True),
        Column("total", "total", gib),
        Column("high", "high", gib, wide=True),
    ]
    first = rows[0][1] if rows else []
    columns += [Column(fit.gpu.id, fit.gpu.id, yes_or_no, right=False) for fit in first]
    d = rows[0][0].deployment
    split = f", tp {d.tp}" if d.tp > 1 else ""
    heading = (f"{d.engine}, batch {d.batch:,}, context {d.context:,}{split}",)
    closing = ("Sizes in GiB (2^30 bytes) on the fullest rank; fits is judged at the high end.",)
    return Answer(
        "compare",
        {"models": data},
        heading,
        (Table(tuple(columns), cells),),
        closing,
        tuple(notes),
        chart=chart(cells),
        status=status,
    )


def chart(cells: list[dict[str, Any]]) -> Chart:
    """One bar for each model, its groups end to end."""
    groups = [g for g in GROUPS if any(row[g] for row in cells)]
    series = tuple((GROUP_NAMES[g], tuple(float(row[g] or 0) for row in cells)) for g in groups)
    return Chart("bars", "Memory on the fullest rank", tuple(row["model"] for row in cells), series)
