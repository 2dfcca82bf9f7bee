"""Rich tables for a terminal: they fit 80 columns and use more where there is more. NO_COLOR is respected by Rich."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from llmmem.render import Answer, Column, Table
from llmmem.render.chart import bar, can_draw, drawn

#: from this width on, columns marked wide are shown where they fit
WIDE = 100
#: and from this on charts grow no more
WIDEST = 120
#: cells of the longest bar
BAR = 12
#: cells between columns, and those that text gets before it is folded
GAP = 2
FOLDED = 40


def write_screen(answer: Answer) -> None:
    """Print heading, tables and closing lines."""
    console = Console(highlight=False)
    plain = not can_draw(console.encoding)
    if answer.heading:
        console.print(Text(answer.heading[0], style="bold"))
        for line in answer.heading[1:]:
            console.print(Text(line))
    for table in answer.tables:
        columns = _columns(table, console.width)
        rich = RichTable(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            padding=(0, 1, 0, 0),
        )
        for c in columns:
            rich.add_column(c.title, justify="right" if c.right else "left", no_wrap=c.right, overflow="fold")
        for index, row in enumerate(table.rows):
            style = "bold" if index == table.total else None
            rich.add_row(*(_cell(c, row[c.key], table, index, plain) for c in columns), style=style)
        console.print()
        if table.title:  # not Rich's own, which is folded to the table's width
            console.print(Text(table.title, style="bold"))
        if columns:
            console.print(rich)
    if answer.chart and answer.chart.kind != "bars":
        console.print()
        for line in drawn(answer.chart, min(console.width, WIDEST), plain=plain):
            console.print(Text(line))
    if answer.tree:
        console.print()
    for line in answer.tree:
        console.print(Text(line))
    if answer.closing:
        console.print()
    for line in answer.closing:
        console.print(Text(line))


def _columns(table: Table, width: int) -> list[Column]:
    """Those that there is room for: of the wide ones the least important go first."""
    shown = [c for c in table.columns if not c.raw_only and (not c.wide or width >= WIDE)]
    while any(c.wide for c in shown) and sum(_width(c, table) + GAP for c in shown) > width:
        shown.remove(max(reversed(shown), key=lambda c: c.wide))
    return shown


def _width(column: Column, table: Table) -> int:
    """Cells that a column asks for; text may be folded where it is very long."""
    if column.bar:
        return max(BAR, len(column.title))
    longest = max((len(column.show(row[column.key])) for row in table.rows), default=0)
    return max(len(column.title), longest if column.right else min(longest, FOLDED))


def _cell(column: Column, value: Any, table: Table, index: int, plain: bool) -> Text:
    """A value as text, or as a bar beside the column's largest."""
    if not column.bar:
        return Text(column.show(value))
    values = [row[column.key] or 0 for i, row in enumerate(table.rows) if i != table.total]
    if index == table.total or value is None:
        return Text("")
    return Text(bar(value, max(values, default=0), BAR, plain=plain), style="cyan")
