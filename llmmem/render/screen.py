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
#: cells between columns, and those that text and a word of it get before they are folded
GAP = 2
FOLDED = 40
SHORT = 24


def write_screen(answer: Answer) -> None:
    """Print heading, tables and closing lines."""
    console = Console(highlight=False)
    plain = not can_draw(console.encoding)
    if answer.heading:
        console.print(Text(answer.heading[0], style="bold"))
        for line in answer.heading[1:]:
            console.print(Text(line))
    for table in answer.tables:
        console.print()
        if table.title:  # not Rich's own, which is folded to the table's width
            console.print(Text(table.title, style="bold"))
        columns = _columns(table, console.width)
        widths = _widths(columns, table, console.width)
        if widths is None:
            for index, row in enumerate(table.rows):
                console.print(Text(_sentence(table, row), style="bold" if index == table.total else ""))
        elif columns:
            console.print(_grid(table, columns, widths, plain=plain))
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
    """Those that there is room for: of the wide ones the least important go first, and bars where text is too much."""
    shown = [c for c in table.columns if not c.raw_only and (not c.wide or width >= WIDE)]
    while any(c.wide for c in shown) and sum(_width(c, table) + GAP for c in shown) > width:
        shown.remove(max(reversed(shown), key=lambda c: c.wide))
    if sum(_least(c, table) for c in shown) > _room(shown, width):
        shown = [c for c in shown if not c.bar]
    return shown


def _room(columns: list[Column], width: int) -> int:
    """Cells for values: what the gaps leave."""
    return width - GAP * len(columns) + 1


def _widths(columns: list[Column], table: Table, width: int) -> list[int] | None:
    """Cells for each column: text and titles are folded where room is short. None: no table has room."""
    widths, least = [_width(c, table) for c in columns], [_least(c, table) for c in columns]
    room = _room(columns, width)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        spare = [have - need for have, need in zip(widths, least, strict=True)]
        widths[spare.index(max(spare))] -= 1
    return widths


def _grid(table: Table, columns: list[Column], widths: list[int], *, plain: bool) -> RichTable:
    rich = RichTable(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for c, width in zip(columns, widths, strict=True):
        rich.add_column(c.title, justify="right" if c.right else "left", overflow="fold", width=width)
    for index, row in enumerate(table.rows):
        style = "bold" if index == table.total else None
        rich.add_row(*(_cell(c, row[c.key], table, index, plain) for c in columns), style=style)
    return rich


def _sentence(table: Table, row: dict[str, Any]) -> str:
    """A row where columns have no room beside each other."""
    first, *others = table.shown()
    cells = ((c.title, c.show(row[c.key])) for c in others)
    said = [cell if cell == title else f"{title} {cell}" for title, cell in cells if cell not in ("", "-")]
    return f"- {first.show(row[first.key])}: {', '.join(said)}"


def _width(column: Column, table: Table) -> int:
    """Cells that a column asks for; text may be folded where it is very long."""
    if column.bar:
        return max(BAR, len(column.title))
    longest = max((len(column.show(row[column.key])) for row in table.rows), default=0)
    return max(len(column.title), longest if column.right else min(longest, FOLDED))


def _least(column: Column, table: Table) -> int:
    """Cells that a column cannot do without: numbers are whole, and so are words that are not very long."""
    if column.bar:
        return BAR
    cells = [column.show(row[column.key]) for row in table.rows]
    words = [min(len(word), SHORT) for text in (column.title, *cells) for word in text.split()]
    return max((*words, *(len(cell) for cell in cells if column.right)), default=0)


def _cell(column: Column, value: Any, table: Table, index: int, plain: bool) -> Text:
    """A value as text, or as a bar beside the column's largest."""
    if not column.bar:
        return Text(column.show(value))
    values = [row[column.key] or 0 for i, row in enumerate(table.rows) if i != table.total]
    if index == table.total or value is None:
        return Text("")
    return Text(bar(value, max(values, default=0), BAR, plain=plain), style="cyan")
