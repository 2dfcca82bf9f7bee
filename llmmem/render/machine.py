"""Output without Rich: JSON, CSV, Markdown, and plain text for pipes and screen readers."""

from __future__ import annotations

import json
from textwrap import wrap
from typing import Any

from llmmem.render import Answer, Table

#: columns that running text is wrapped at
WIDTH = 100


def as_json(value: Any) -> str:
    """One JSON object, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def as_csv(table: Table) -> str:
    """Raw values under their keys."""
    import csv
    import io

    out = io.StringIO()
    columns = [c for c in table.columns if not c.bar]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(c.key for c in columns)
    writer.writerows([row[c.key] for c in columns] for row in table.rows)
    return out.getvalue()


def write_file(name: str, text: str, option: str = "--output", append: bool = False) -> None:
    """Write a file that was named with an option, or add to it.

    Raises:
        UsageError: it cannot be written.
    """
    from pathlib import Path

    from llmmem.errors import UsageError

    try:
        with Path(name).open("a" if append else "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{option} {name[:80]!r} cannot be written: {reason}.", "Give another file.") from error


def as_markdown(answer: Answer) -> str:
    """GitHub-flavoured tables."""
    out = [line for line in answer.heading if line]
    for table in answer.tables:
        out += ["", *([f"**{table.title}**"] if table.title else [])]
        if not table.shown():
            continue
        out += [""] if table.title else []
        out.append("| " + " | ".join(_bars(c.title) for c in table.shown()) + " |")
        out.append("|" + "|".join(" ---: " if c.right else " --- " for c in table.shown()) + "|")
        for row in table.rows:
            out.append("| " + " | ".join(_bars(c.show(row[c.key])) for c in table.shown()) + " |")
    out += ["", "```text", *answer.tree, "```"] if answer.tree else []
    out += ["", *answer.closing] if answer.closing else []
    return "\n".join(out) + "\n"


def _bars(text: str) -> str:
    return text.replace("|", "\\|")


def as_plain(answer: Answer) -> str:
    """Columns aligned with spaces, no colour, no box."""
    out = list(answer.heading)
    for table in answer.tables:
        out += [""] if out else []
        out += [table.title] if table.title else []
        if not table.shown():
            continue
        cells = [[c.title for c in table.shown()]]
        cells += [[c.show(row[c.key]) for c in table.shown()] for row in table.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(table.shown()))]
        for line in cells:
            padded = (
                text.rjust(width) if column.right else text.ljust(width)
                for text, width, column in zip(line, widths, table.shown(), strict=True)
            )
            out.append("  ".join(padded).rstrip())
    out += ["", *answer.tree] if answer.tree else []
    if answer.closing:
        out.append("")
        for text in answer.closing:
            out += wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False) or [""]
    return "\n".join(out) + "\n"
