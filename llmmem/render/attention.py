"""The answer of ``attention``."""

from __future__ import annotations

from typing import Any

from llmmem.memory.attention import cache_over
from llmmem.memory.report import MemoryReport
from llmmem.render import Answer, Column, Table
from llmmem.render.calc import heading
from llmmem.units import format_bytes


def _size(value: Any) -> str:
    return format_bytes(value, "auto")


def answer(report: MemoryReport, contexts: list[int]) -> Answer:
    """One row per context."""
    plan, batch = report.plan, report.deployment.batch
    rows: list[dict[str, Any]] = []
    for context in contexts:
        kv, state, total = cache_over(plan, batch, context)
        rows.append(
            {
                "context": context,
                "kv_cache": kv,
                "state": state,
                "bytes_per_token": plan.facts(batch, context).bytes_per_token,
                "total": total,
                "kv_cache_percent": 100 * kv / total,
            }
        )
    columns = (
        Column("context", "context", lambda v: f"{v:,}"),
        Column("kv_cache", "KV cache", _size),
        Column("state", "state", _size),
        Column("bytes_per_token", "one more token", _size),
        Column("total", "total", _size),
        Column("kv_cache_percent", "KV share", lambda v: f"{v:.1f} %"),
    )
    data = report.to_dict()
    data = {"model": data["model"], "deployment": data["deployment"], "results": rows}
    head = heading(report)
    closing = (f"For a batch of {batch:,}; sizes in units of 2^10.",)
    return Answer(
        "attention", data, (*head[:2], report.deployment.engine), (Table(columns, rows),), closing, report.notes
    )
