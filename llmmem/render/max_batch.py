"""The answer of ``max-batch``."""

from __future__ import annotations

from typing import Any

from llmmem.fit.layout import Layout
from llmmem.fit.limits import Limit
from llmmem.memory.report import MemoryReport
from llmmem.render import Answer, Chart, Column, Table, gib
from llmmem.render.calc import heading


def answer(report: MemoryReport, limits: list[Limit], target: str | None, *, status: int) -> Answer:
    """One row per GPU or size, with the columns that were asked for."""
    d = report.deployment
    rows: list[dict[str, Any]] = [_row(limit, d.context, d.batch) for limit in limits]
    at = f"{d.context:,} tokens" if report.plan.CONTEXT else report.plan.asked(d.batch, d.context).partition(", ")[2]
    batch = Column("max_batch", f"max batch at {at}", _count)
    context = Column("max_context", f"max context at batch {d.batch:,}", _count)
    asked = {
        "batch": (batch,),
        "context": (context,),
        "concurrency": (Column("concurrency", f"requests of {at} at once", _share),),
        "gpus": (Column("gpus", "GPUs", _known), Column("layout", "layout", _layout, right=False)),
        "precision": (Column("precision", "largest precision", _known, right=False),),
    }.get(target or "", (batch, context) if report.plan.CONTEXT else (batch,))
    contexts = limits[0].grid if limits else ()
    grid = tuple(Column(f"batch_at_{n}", f"batch at {n:,}", _count) for n, _ in contexts)
    columns = (
        Column("gpu", "GPU", lambda v: v or "as given", right=False),
        Column("usable", "usable", gib),
        *(grid or asked),
        Column("context", "context", raw_only=True),
        Column("batch", "batch", raw_only=True),
    )
    data = report.to_dict()
    data = {"model": data["model"], "deployment": data["deployment"], "limits": rows}
    closing = ("Judged at the high end of the estimate; 0: does not fit at all. Usable in GiB (2^30 bytes).",)
    return Answer(
        "max-batch",
        data,
        heading(report),
        (Table(columns, rows),),
        closing,
        report.notes,
        chart=chart(report, limits),
        status=status,
    )


def chart(report: MemoryReport, limits: list[Limit]) -> Chart | None:
    """A grid of the largest batches where contexts were given, else one bar for each GPU."""
    labels = tuple(limit.gpu.id if limit.gpu else "as given" for limit in limits)
    name = report.reference or report.model_type
    contexts = [n for n, _ in limits[0].grid] if limits else []
    if contexts:
        series = tuple((f"{n:,}", tuple(float(x.grid[i][1]) for x in limits)) for i, n in enumerate(contexts))
        return Chart("heat", f"{name}: largest batch by context", labels, series, unit="")
    values = tuple(float(limit.max_batch) for limit in limits)
    title = f"{name}: largest batch at {report.deployment.context:,} tokens"
    return Chart("bars", title, labels, (("", values),), unit="")


def _row(limit: Limit, context: int, batch: int) -> dict[str, Any]:
    layout = limit.layout
    return {
        "gpu": limit.gpu.id if limit.gpu else None,
        "usable": limit.usable,
        "context": context,
        "max_batch": limit.max_batch,
        "batch": batch,
        "max_context": limit.max_context,
        "concurrency": limit.concurrency,
        "gpus": layout.gpus if layout else None,
        "layout": layout._asdict() if layout else None,
        "precision": limit.precision,
        **{f"batch_at_{n}": most for n, most in limit.grid},
    }


def _count(value: Any) -> str:
    return f"{value:,}"


def _share(value: Any) -> str:
    return "-" if value is None else f"{value:,.2f}".rstrip("0").rstrip(".")


def _known(value: Any) -> str:
    return "none of those tried" if value is None else str(value)


def _layout(value: Any) -> str:
    return "" if value is None else str(Layout(**value))
