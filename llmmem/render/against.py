"""A start-up log beside the prediction, as a table."""

from __future__ import annotations

from typing import Any

from llmmem.memory.against import Beside, as_data
from llmmem.render import Answer, Column, Table, gib

#: under the table
CLOSING = (
    "Equal: as far as the log prints it. Tokens in the pool logged: what the engine's rules make of the log's own pool,"
    " free of all that is estimated. Sizes on the fullest rank."
)


def compared(found: Answer, rows: list[Beside], notes: tuple[str, ...]) -> Answer:
    """The answer with the log's figures beside the prediction's, which are all that people see of it."""
    data = {**found.data, "against": as_data(rows)}
    return found._replace(
        data=data, tables=(_table(rows),), closing=(CLOSING,), chart=None, main=0, notes=(*found.notes, *notes)
    )


def _table(rows: list[Beside]) -> Table:
    """One row for each figure; sizes in GiB, all else as the log counts it."""
    columns = (
        Column("what", "log", right=False),
        Column("measured_shown", "measured"),
        Column("predicted_shown", "predicted"),
        Column("low_shown", "low", wide=True),
        Column("high_shown", "high", wide=True),
        Column("difference", "difference", lambda d: "" if d is None else f"{100 * d:+.1f} %"),
        Column("verdict", "verdict", right=False),
        Column("line", "line"),
        Column("measured", "measured", raw_only=True),
        Column("predicted", "predicted", raw_only=True),
        Column("low", "low", raw_only=True),
        Column("high", "high", raw_only=True),
        Column("text", "text", right=False, raw_only=True),
    )
    shown = [
        row._asdict()
        | {f"{name}_shown": _shown(getattr(row, name), row.unit) for name in ("measured", "predicted", "low", "high")}
        for row in rows
    ]
    return Table(columns, shown, "The log beside the prediction")


def _shown(value: Any, unit: str) -> str:
    if value is None:
        return ""
    if unit == "bytes":
        return f"{gib(int(value))} GiB"
    return f"{value:.2f} x" if unit == "x" else f"{value:,.0f}"
