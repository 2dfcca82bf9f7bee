"""The answer of ``attention``: keys, values and state over contexts, and what other kinds of attention would cost."""

from __future__ import annotations

from typing import Any

from llmmem.memory.attention import cache_over, equivalents, windows
from llmmem.memory.report import MemoryReport
from llmmem.render import Answer, Chart, Column, Table
from llmmem.render.calc import heading
from llmmem.units import format_bytes

#: places of the curve
POINTS = 25


def _size(value: Any) -> str:
    return format_bytes(value, "auto")


_READS = {
    "joint": "the prompt's tokens stand among the picture's, and all read all",
    "cross": "the picture reads itself, and the prompt beside",
    "self": "the picture reads itself",
}


def _without_context(report: MemoryReport) -> Answer:
    """One row per stage that attends: what reads what, and how much of it."""
    reads = {work.component: work.attention for work in report.spec.diffusion or ()}
    rows = [
        {**stage, "reads": reads.get(stage["component"]) or "self"}
        for stage in report.plan.stages(report.deployment.batch)
        if stage["stage"] != "decode"
    ]
    columns = (
        Column("stage", "stage", right=False),
        Column("component", "part", right=False),
        Column("reads", "attention", right=False),
        Column("tokens", "its tokens", lambda v: f"{v:,}"),
        Column("prompt", "of the prompt", lambda v: f"{v:,}"),
        Column("passes", "at once", lambda v: f"{v:,}"),
    )
    data = report.to_dict()
    data = {"model": data["model"], "deployment": data["deployment"], "results": rows}
    said = [f"{kind}: {_READS[kind]}." for kind in dict.fromkeys(r["reads"] for r in rows if r["stage"] == "denoise")]
    closing = (
        *(s[0].upper() + s[1:] for s in said),
        "No cache grows: every step reads all tokens anew, and fused attention keeps no scores.",
    )
    return Answer("attention", data, heading(report), (Table(columns, rows),), closing, report.notes)


def answer(report: MemoryReport, contexts: list[int]) -> Answer:
    """One row per context, and one for each other kind of attention at the longest."""
    plan, batch = report.plan, report.deployment.batch
    if not plan.CONTEXT:
        return _without_context(report)
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
    tables = [Table(columns, rows)]
    longest = max(contexts)
    others = [
        {
            "attention": name,
            "kv_cache": size,
            "times": size / (max(rows, key=lambda r: r["context"])["kv_cache"] or size),
        }
        for name, size in equivalents(plan, batch, longest)
    ]
    if others:
        tables.append(
            Table(
                (
                    Column("attention", "the same layers with", right=False),
                    Column("kv_cache", "KV cache", _size),
                    Column("times", "times this model's", lambda v: f"{v:.2f}"),
                ),
                others,
                f"Other kinds of attention at {longest:,} tokens",
            )
        )
    data = report.to_dict()
    data = {"model": data["model"], "deployment": data["deployment"], "results": rows, "equivalents": others}
    head = heading(report)
    full = ", ".join(f"{n:,}" for n in windows(report.spec))
    filled = (
        (f"Windows are full at {full} tokens: from there on the layers that have one grow no more.",) if full else ()
    )
    return Answer(
        "attention",
        data,
        (*head[:2], report.deployment.engine),
        tuple(tables),
        (*filled, f"For a batch of {batch:,}; sizes in units of 2^10."),
        report.notes,
        chart=chart(report, min(contexts), longest),
    )


def chart(report: MemoryReport, shortest: int, longest: int) -> Chart:
    """Keys, values and state over a range of contexts, with the place where the first window is full."""
    plan, batch = report.plan, report.deployment.batch
    ends = [n for n in windows(report.spec) if shortest < n < longest]
    step = (longest / shortest) ** (1 / (POINTS - 1))
    powers = (2**k for k in range(8, 31) if shortest < 2**k < longest)  # where the axis has its numbers
    places = sorted({*ends, *powers, shortest, longest, *(round(shortest * step**i) for i in range(POINTS))})
    sizes = [cache_over(plan, batch, n) for n in places]
    series = [("KV cache", tuple(float(kv) for kv, _, _ in sizes))]
    if any(state for _, state, _ in sizes):
        series.append(("state", tuple(float(state) for _, state, _ in sizes)))
    knee = (places.index(ends[0]), f"window full at {ends[0]:,}") if ends else None
    name = report.reference or report.model_type
    labels = tuple(f"{n:,}" for n in places)
    return Chart("lines", f"{name}: cache over context", labels, tuple(series), axis="tokens", knee=knee)
