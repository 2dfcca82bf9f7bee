"""``compare --file``: a YAML list of deployments, whose keys are the command's own options."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import typer

from llmmem.cli import options as o
from llmmem.errors import ConfigError, LlmmemError, UsageError

#: parameters of the command that are about the answer and not about a deployment, and the secret
NOT_IN_FILE = {
    "models", "token", "offline", "as_json", "output", "check", "fail_over", "file", "deployments", "sort", "baseline",
    "junit", "summary", "help",
}  # fmt: skip
#: keys of an entry beside the options
OWN = ("model", "name", "budget")

_HINT = "Such as: - {model: org/name, engine: vllm, gpu: h100, gpus: 2, context: 32k, batch: 8}"


class Entry(NamedTuple):
    """One deployment asked for."""

    #: the command's arguments by name
    given: dict[str, Any]
    model: str | None = None
    name: str = ""
    budget: int | None = None
    line: int | None = None
    #: how errors name it
    where: str = ""


def entries(ctx: typer.Context, file: str, given: dict[str, Any]) -> list[Entry]:
    """The deployments of a file; what an entry does not say is as on the command line.

    Raises:
        UsageError: the file is not there; an entry with an unknown, doubled or senseless key.
        ConfigError: it cannot be read, or is no list.
    """
    from llmmem.yamlfile import load_list

    path = Path(file)
    if not path.is_file():
        raise UsageError(f"--file {file[:80]!r} is no file.", "Give a YAML file with a list of deployments.")
    found = load_list(path)
    if not found:
        raise ConfigError(f"{path} is not a list of deployments.", _HINT)
    out: list[Entry] = []
    seen: dict[str, int] = {}
    names: dict[str, int] = {}
    for number, (line, raw) in enumerate(found, 1):
        where = f"{path}, entry {number}"
        entry = _entry(ctx, raw, given, where)._replace(line=line)
        same = seen.setdefault(repr((entry.model, entry.budget, sorted(entry.given.items(), key=str))), number)
        if same != number:
            raise UsageError(f"{where} is the same as entry {same}.", "Keep one of them.")
        if entry.name and names.setdefault(entry.name, number) != number:
            raise UsageError(f"{where} has the name of entry {names[entry.name]}.", "Give each a name of its own.")
        out.append(entry)
    return out


def _entry(ctx: typer.Context, raw: Any, given: dict[str, Any], where: str) -> Entry:
    from llmmem.units import parse_bytes

    if not isinstance(raw, dict):
        raise UsageError(f"{where} is not an object.", _HINT)
    options = {p.opts[0].lstrip("-"): p for p in ctx.command.params if p.name not in NOT_IN_FILE}
    own: dict[str, Any] = {}
    read: dict[str, Any] = {}
    knobs = dict(given["knobs"])
    for raw_key, value in raw.items():
        key = str(raw_key).replace("_", "-")
        if key in OWN:
            own[key] = _word(value, where, key)
        elif key in options:
            name = str(options[key].name)
            if name in read:
                raise UsageError(f"{where} has {key!r} twice.", "Keep one of them.")
            read[name] = _value(ctx, options[key], value, f"{where}: {key}")
            if name in o.every_knob():
                with located(where):
                    knobs[name] = o.knob_value(name, read[name])
        else:
            raise _unknown(ctx, str(raw_key), where, [*OWN, *options])
    with located(where):
        budget = parse_bytes(own["budget"]) if "budget" in own else None
    given = {**given, **{name: value for name, value in read.items() if name in given}, "knobs": knobs}
    return Entry(given, own.get("model"), own.get("name", ""), budget, None, where)


def _word(value: Any, where: str, key: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or not 0 < len(str(value).strip()) <= 200:
        raise UsageError(f"{where}: {key} is {str(value)[:40]!r}, which makes no sense.", _HINT)
    return str(value)


def _value(ctx: typer.Context, option: Any, value: Any, where: str) -> Any:
    """A value as the command line would read it."""
    shown = str(value)[:40]
    if option.is_flag:
        if not isinstance(value, bool):
            raise UsageError(f"{where} is {shown!r}, but is either true or false.", "Leave it out for the default.")
        return value
    values = value if option.multiple and isinstance(value, list) else [value]
    for one in values:
        if isinstance(one, bool):
            raise UsageError(f"{where} is {shown!r}.", "YAML takes on, off, yes and no for that: put words in quotes.")
        if not isinstance(one, str | int | float):
            raise UsageError(f"{where} is {shown!r}, which makes no sense.", _HINT)
    try:
        texts = [str(one) for one in values]
        return option.type_cast_value(ctx, texts if option.multiple else texts[0])
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        raise UsageError(f"{where} is {shown!r}: {getattr(error, 'message', '')}", _HINT) from error


def _unknown(ctx: typer.Context, key: str, where: str, known: list[str]) -> Exception:
    from difflib import get_close_matches

    option = key.replace("_", "-")
    if any(option == p.opts[0].lstrip("-") for p in ctx.command.params):
        return UsageError(
            f"{where}: {key!r} is no option of one deployment.", f"Give --{option} to the command, for all of them."
        )
    near = get_close_matches(option, known, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Known are model, name, budget and the options of llmmem compare."
    return UsageError(f"{where}: {key[:40]!r} is no option of compare.", hint)


@contextmanager
def located(where: str) -> Iterator[None]:
    """Errors inside say where in a file their cause is; an empty ``where`` changes nothing."""
    try:
        yield
    except LlmmemError as error:
        if not where:
            raise
        raise type(error)(f"{where}: {error}", error.hint) from error
