"""The only place that prints: a command's Answer becomes a table, plain text, JSON, CSV or Markdown."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import Any, NamedTuple

#: what --format takes, the default first
FORMATS = ("table", "json", "csv", "markdown")


def plain_text(value: Any) -> str:
    """A cell as it is; empty for None."""
    return "" if value is None else str(value)


def gib(value: Any) -> str:
    """A size in GiB without the unit, which stands above the column or below the table; None is unknown."""
    from llmmem.units import format_bytes

    if value is None:
        return "unknown"
    return format_bytes(value, "GiB").removesuffix(" GiB")


class Column(NamedTuple):
    """One column: its key in the rows, its title, how a value is shown and where it stands."""

    key: str
    title: str
    show: Callable[[Any], str] = plain_text
    right: bool = True
    #: left out where the screen is narrower than 100 columns
    wide: bool = False
    #: only in CSV; people read it elsewhere
    raw_only: bool = False


class Table(NamedTuple):
    """Rows of raw values; CSV writes them raw under their keys, people see them through ``show``."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    title: str = ""
    #: index of a row that sums up those before it
    total: int | None = None

    def shown(self) -> tuple[Column, ...]:
        """The columns people see."""
        return tuple(c for c in self.columns if not c.raw_only)


class Answer(NamedTuple):
    """What a command found out.

    ``data`` is the JSON object; ``heading`` a few lines before the tables and ``closing`` after them; ``notes`` go to
    stderr; ``main`` is the table that CSV takes.
    """

    command: str
    data: Any
    heading: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    main: int = 0
    #: 0, or 3 where a check failed
    status: int = 0


def emit(answer: Answer, form: str) -> None:
    """Print an answer to stdout and its notes to stderr."""
    import sys

    if form == "json":
        from llmmem.render.machine import write_json

        write_json({"llmmem": 1, "command": answer.command, "data": answer.data, "notes": list(answer.notes)})
        return
    if form == "csv":
        from llmmem.render.machine import write_csv

        write_csv(answer.tables[answer.main])
    elif form == "markdown":
        from llmmem.render.machine import write_markdown

        write_markdown(answer)
    elif sys.stdout.isatty():
        from llmmem.render.screen import write_screen

        write_screen(answer)
    else:
        from llmmem.render.machine import write_plain

        write_plain(answer)
    for note in answer.notes:
        print(f"note: {note}", file=sys.stderr)


def emit_error(command: str, kind: str, message: str, hint: str, as_json: bool) -> None:
    """Print a failure: one sentence and one hint on stderr, or a JSON object on stdout."""
    import sys

    if as_json:
        from llmmem.render.machine import write_json

        error = {"kind": kind, "message": message, "hint": hint}
        write_json({"llmmem": 1, "command": command, "error": error})
        return
    print(f"llmmem: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
