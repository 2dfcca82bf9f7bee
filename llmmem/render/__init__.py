"""The only place that prints: a command's Answer becomes a table, plain text, JSON, CSV or Markdown."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from typing import Any, NamedTuple

#: what --format takes, the default first
FORMATS = ("table", "json", "csv", "markdown", "svg")
#: what --unit takes, the default first
UNITS = ("GiB", "GB", "MiB", "bytes")


class Output(NamedTuple):
    """How an answer is wanted."""

    form: str = "table"
    #: only its one number, in this unit
    quiet: str | None = None
    #: a file instead of stdout
    file: str | None = None


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
    #: left out where the screen is narrower than 100 columns or has no room; the largest number goes first
    wide: int = False
    #: only in CSV; people read it elsewhere
    raw_only: bool = False
    #: on a screen, a bar as long as the value beside the column's largest; nowhere else
    bar: bool = False


class Table(NamedTuple):
    """Rows of raw values; CSV writes them raw under their keys, people see them through ``show``."""

    columns: tuple[Column, ...]
    rows: list[dict[str, Any]]
    title: str = ""
    #: index of a row that sums up those before it
    total: int | None = None

    def shown(self) -> tuple[Column, ...]:
        """The columns people see as text."""
        return tuple(c for c in self.columns if not c.raw_only and not c.bar)


class Chart(NamedTuple):
    """A picture of an answer: what it shows, not how it is drawn.

    ``kind`` is bars (one bar for each label, its series stacked), lines (labels are places on a logarithmic axis) or
    heat (a cell for each label and series).
    """

    kind: str
    title: str
    labels: tuple[str, ...]
    #: name and one value for each label; bytes where ``unit`` is GiB
    series: tuple[tuple[str, tuple[float, ...]], ...]
    unit: str = "GiB"
    #: what the labels are
    axis: str = ""
    #: index of the label at which something changes, and what
    knee: tuple[int, str] | None = None


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
    #: the one number --quiet prints, in bytes
    number: int | None = None
    #: all that people see, as it is: a command, for instance
    text: str = ""
    #: lines of a tree, drawn as they are
    tree: tuple[str, ...] = ()
    chart: Chart | None = None
    #: 0, or 3 where a check failed
    status: int = 0


def emit(answer: Answer, output: Output) -> None:
    """Print an answer to stdout (or into a file) and its notes to stderr.

    Raises:
        UsageError: no picture or no single number of this answer; a file that cannot be written.
    """
    import sys

    if output.file is not None:
        from llmmem.render.machine import write_file

        write_file(output.file, written(answer, output.form))
    elif output.quiet is not None:
        sys.stdout.write(_number(answer, output.quiet) + "\n")
    elif output.form == "table" and sys.stdout.isatty() and not answer.text:
        from llmmem.render.screen import write_screen

        write_screen(answer)
    else:
        sys.stdout.write(_encodable(written(answer, output.form), sys.stdout, output.form == "json"))
    if output.form != "json":
        for note in answer.notes:
            print(_encodable(f"note: {note}", sys.stderr), file=sys.stderr)


def written(answer: Answer, form: str) -> str:
    """An answer as text in one of the formats.

    Raises:
        UsageError: there is no picture of this answer.
    """
    from llmmem.render import machine

    if form == "json":
        return machine.as_json(
            {"llmmem": 1, "command": answer.command, "data": answer.data, "notes": list(answer.notes)}
        )
    if answer.text:
        return answer.text + "\n"
    if form == "csv":
        return machine.as_csv(answer.tables[answer.main])
    if form == "markdown":
        return machine.as_markdown(answer)
    if form == "svg":
        from llmmem.errors import UsageError
        from llmmem.render.svg import drawn

        if answer.chart is None:
            raise UsageError("There is nothing to draw in this answer.", "Choose another --format.")
        return drawn(answer.chart)
    return machine.as_plain(answer)


def _number(answer: Answer, unit: str) -> str:
    """The answer's one number in a unit, ready for shell arithmetic."""
    from llmmem.errors import UsageError

    if answer.number is None:
        raise UsageError("--quiet: this answer is not one number.", "Leave --quiet out.")
    if unit == "bytes":
        return str(answer.number)
    factor = {"GiB": 2**30, "GB": 10**9, "MiB": 2**20}[unit]
    return f"{answer.number / factor:.2f}"


def _encodable(text: str, stream: Any, is_json: bool = False) -> str:
    """The text with escapes for characters that the stream cannot write; in JSON they are JSON's own."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    found = text.encode(encoding, "backslashreplace").decode(encoding)
    if found == text or not is_json:
        return found
    import json

    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)


def emit_error(command: str, kind: str, message: str, hint: str, as_json: bool) -> None:
    """Print a failure: one sentence and one hint on stderr, or a JSON object on stdout."""
    import sys

    if as_json:
        from llmmem.render import machine

        error = {"kind": kind, "message": message, "hint": hint}
        sys.stdout.write(
            _encodable(machine.as_json({"llmmem": 1, "command": command, "error": error}), sys.stdout, True)
        )
        return
    print(_encodable(f"llmmem: {message}", sys.stderr), file=sys.stderr)
    if hint:
        print(_encodable(f"hint: {hint}", sys.stderr), file=sys.stderr)
