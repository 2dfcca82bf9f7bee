"""config.json from a path or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any

from llmmem.errors import ConfigError, LlmmemError, ModelNotFoundError, UnsupportedArchitectureError, UsageError
from llmmem.sources import jsonfile, kinds
from llmmem.sources.reference import expand, is_id, is_there, shown


def read_path(given: str) -> dict[str, Any]:
    """The config.json that is a file, or lies in a folder.

    Raises:
        ModelNotFoundError: nothing is there, or a folder without config.json.
        UnsupportedArchitectureError: a file of weights, which is never opened, or a folder of them.
        ConfigError: it cannot be read, or is not a JSON object.
    """
    path = expand(given)
    try:
        is_folder, is_file = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:  # permission denied above it, or a name no file can have
        raise _nothing(given, path) from error
    if is_folder:
        file = path / "config.json"
        if not is_there(file):
            raise _folder(given, path)
        return _parse(file)
    if not is_file:
        raise _nothing(given, path)
    if kind := kinds.weights(path.name):
        beside = path.with_name("config.json")
        raise UnsupportedArchitectureError(
            f"{shown(given)} is a file of weights ({kind}), and llmmem does not read those yet.",
            f"Give the config.json beside it: {shown(str(beside))}"
            if beside.exists()
            else "Give the model's config.json or its id.",
        )
    return _parse(path)


def read_stdin(stream: IO[Any] | None = None) -> dict[str, Any]:
    """The config.json on standard input.

    Raises:
        UsageError: standard input is a terminal, or closed: nothing would ever come.
        ConfigError: it is empty, too large or not a JSON object.
    """
    source: Any = sys.stdin if stream is None else stream
    hint = "Pipe one in, such as: llmmem calc - < config.json"
    if source is None or source.closed:
        raise UsageError("The model - is a config.json on standard input, but standard input is closed.", hint)
    if source.isatty():
        raise UsageError("The model - is a config.json on standard input, but standard input is a terminal.", hint)
    try:
        data = getattr(source, "buffer", source).read(jsonfile.LARGEST + 1)
    except OSError as error:
        raise jsonfile.unreadable("Standard input", error) from error
    return jsonfile.parse(data.encode() if isinstance(data, str) else data, "Standard input")


def _parse(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise _nothing(str(path), path)
    return jsonfile.parse(jsonfile.read(path), shown(str(path)))


def _nothing(given: str, path: Path) -> LlmmemError:
    """The error for a path where nothing can be opened."""
    try:
        path.stat()
    except PermissionError as error:
        return jsonfile.unreadable(shown(given), error)
    except (OSError, ValueError):
        pass  # not there; what follows finds out why
    if is_there(path):
        return ConfigError(f"{shown(given)} is a link to a file that is not there.", "Give the file itself.")
    if path.name == "config.json" and is_there(path.parent):
        return _folder(str(path.parent), path.parent)
    return ModelNotFoundError(f"There is no file or folder {shown(given)}.", _near(path))


def _near(path: Path) -> str:
    """The hint for a misspelt path: the name in its folder that is most like it."""
    from difflib import get_close_matches

    try:
        near = get_close_matches(path.name, [p.name for p in path.parent.iterdir()], n=1)
    except (OSError, ValueError):
        near = []
    if near:
        return f"Did you mean {shown(str(path.with_name(near[0])))}?"
    return "Check the spelling; a model on the Hub is written org/name."


def _folder(given: str, path: Path) -> LlmmemError:
    """The error for a folder without config.json."""
    if path.name == "config.json":
        return ModelNotFoundError(f"{shown(given)} is a folder, not a file.", "Give the config.json of a model.")
    try:
        entries = list(path.iterdir())
        names = [p.name for p in entries] + [f"{p.name}/config.json" for p in entries if is_there(p / "config.json")]
    except OSError as denied:
        return jsonfile.unreadable(shown(given), denied)
    error = kinds.without_config(f"The folder {shown(given)}", map(shown, names))
    if is_id(given):
        error.hint += f" The model of that name on the Hub is {given}@main."
    return error
