"""The answer of ``max-batch``."""

from __future__ import annotations

from typing import Any, NamedTuple

from llmmem.gpus import Gpu
from llmmem.memory.report import MemoryReport
from llmmem.render import Answer, Column, Table, gib
from llmmem.render.calc import heading


class Limit(NamedTuple):
    """What fits into so many usable bytes; ``gpu`` is None for a size given by hand."""

    gpu: Gpu | None
    usable: int
    max_batch: int
    max_context: int


def answer(report: MemoryReport, limits: list[Limit], *, status: int) -> Answer:
    """One row per GPU or size."""
    d = report.deployment
    rows: list[dict[str, Any]] = [
        {
            "gpu": limit.gpu.id if limit.gpu else None,
            "usable": limit.usable,
            "context": d.context,
            "max_batch": limit.max_batch,
            "batch": d.batch,
            "max_context": limit.max_context,
        }
        for limit in limits
    ]
    columns = (
        Column("gpu", "GPU", lambda v: v or "as given", right=False),
        Column("usable", "usable", gib),
        Column("max_batch", f"max batch at {d.context:,} tokens", _limit),
        Column("max_context", f"max context at batch {d.batch:,}", _limit),
        Column("context", "context", raw_only=True),
        Column("batch", "batch", raw_only=True),
    )
    data = report.to_dict()
    data = {"model": data["model"], "deployment": data["deployment"], "limits": rows}
    closing = ("Judged at the high end of the estimate; 0: does not fit at all. Usable in GiB (2^30 bytes).",)
    return Answer("max-batch", data, heading(report), (Table(columns, rows),), closing, report.notes, 0, status)


def _limit(value: Any) -> str:
    return f"{value:,}"
