"""Output without Rich: JSON, CSV, Markdown, and plain text for pipes and screen readers."""

from __future__ import annotations

import json
import sys
from textwrap import wrap
from typing import Any

from llmmem.render import Answer, Table

#: columns that running text is wrapped at
WIDTH = 100


def write_json(value: Any) -> None:
    """One JSON object, indented."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_csv(table: Table) -> None:
    """Raw values under their keys."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(c.key for c in table.columns)
    writer.writerows([row[c.key] for c in table.columns] for row in table.rows)


def write_markdown(answer: Answer) -> None:
    """GitHub-flavoured tables."""
    out = [line for line in answer.heading if line]
    for table in answer.tables:
        out += ["", *([f"**{table.title}**", ""] if table.title else [])]
        out.append("| " + " | ".join(_bars(c.title) for c in table.shown()) + " |")
        out.append("|" + "|".join(" ---: " if c.right else " --- " for c in table.shown()) + "|")
        for row in table.rows:
            out.append("| " + " | ".join(_bars(c.show(row[c.key])) for c in table.shown()) + " |")
    out += ["", *answer.closing] if answer.closing else []
    sys.stdout.write("\n".join(out) + "\n")


def _bars(text: str) -> str:
    return text.replace("|", "\\|")


def write_plain(answer: Answer) -> None:
    """Columns aligned with spaces, no colour, no box."""
    out = list(answer.heading)
    for table in answer.tables:
        out += [""] if out else []
        out += [table.title] if table.title else []
        cells = [[c.title for c in table.shown()]]
        cells += [[c.show(row[c.key]) for c in table.shown()] for row in table.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(table.shown()))]
        for line in cells:
            padded = (
                text.rjust(width) if column.right else text.ljust(width)
                for text, width, column in zip(line, widths, table.shown(), strict=True)
            )
            out.append("  ".join(padded).rstrip())
    if answer.closing:
        out.append("")
        for text in answer.closing:
            out += wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False) or [""]
    sys.stdout.write("\n".join(out) + "\n")
