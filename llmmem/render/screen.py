"""Rich tables for a terminal: they fit 80 columns and use more where there is more. NO_COLOR is respected by Rich."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from llmmem.render import Answer

#: from this width on, columns marked wide are shown
WIDE = 100


def write_screen(answer: Answer) -> None:
    """Print heading, tables and closing lines."""
    console = Console(highlight=False)
    if answer.heading:
        console.print(Text(answer.heading[0], style="bold"))
        for line in answer.heading[1:]:
            console.print(Text(line))
    for table in answer.tables:
        columns = [c for c in table.shown() if not c.wide or console.width >= WIDE]
        rich = RichTable(
            title=table.title or None,
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            padding=(0, 1, 0, 0),
        )
        for c in columns:
            rich.add_column(c.title, justify="right" if c.right else "left", no_wrap=c.right, overflow="fold")
        for index, row in enumerate(table.rows):
            style = "bold" if index == table.total else None
            rich.add_row(*(Text(c.show(row[c.key])) for c in columns), style=style)
        console.print()
        console.print(rich)
    if answer.closing:
        console.print()
    for line in answer.closing:
        console.print(Text(line))
