"""config.json from a path or from standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any, NamedTuple

from llmmem.errors import ConfigError, LlmmemError, ModelNotFoundError, UsageError
from llmmem.sources import diffusers, files, gguf_files, jsonfile, kinds, safetensors
from llmmem.sources.reference import expand, is_id, is_there, shown
from llmmem.tensors import Header


class Found(NamedTuple):
    """What a path holds."""

    #: the config.json; empty where there is none
    raw: dict[str, Any]
    header: Header | None = None
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """What a report calls it."""
        return "local" if self.raw or self.header is None else "header"


def read_path(given: str) -> Found:
    """The config.json that is a file or lies in a folder, and the headers of the weights beside it.

    Raises:
        ModelNotFoundError: nothing is there, or a folder without a model.
        UnsupportedArchitectureError: a kind of weights that is never opened, or a folder of them.
        ConfigError: it cannot be read, is not a JSON object, or is a broken file of weights.
    """
    path = expand(given)
    try:
        is_folder, is_file = path.is_dir(), path.exists()
    except (OSError, ValueError) as error:  # permission denied above it, or a name no file can have
        raise _nothing(given, path) from error
    if is_folder:
        return _read_folder(given, path)
    if not is_file:
        raise _nothing(given, path)
    if path.name == diffusers.INDEX:
        return _pipeline(path.parent)
    kind = kinds.weights(path.name)
    if kind == "GGUF":
        return Found({}, gguf_files.read_file(path))
    if kind == "safetensors":
        beside = path.with_name("config.json")
        raw = _parse(beside) if is_there(beside) else {}
        names = files.together(path.name)
        header = files.whole(files.Folder(path.parent).headers(names, safetensors.parse), names)
        return Found(raw, header)
    if kind:
        beside = path.with_name("config.json")
        raise kinds.not_opened(shown(given), kind, shown(str(beside)) if beside.exists() else "")
    return Found(_parse(path))


def _read_folder(given: str, path: Path) -> Found:
    if is_there(path / diffusers.INDEX):
        return _pipeline(path)
    folder = files.Folder(path)
    if not is_there(path / "config.json"):
        if found := _without_config(folder):
            return found
        raise _folder(given, path)
    raw = _parse(path / "config.json")
    try:
        raw = files.with_quantization(raw, folder)
        return Found(raw, files.weights(folder))
    except LlmmemError as error:  # the config alone is an answer too
        return Found(raw, None, (f"sized from config.json alone: {str(error)[:1].lower()}{str(error)[1:]}",))


def read_cached(path: Path) -> Found:
    """The config.json of a folder in the Hugging Face cache, and the headers of its weights if all were downloaded.

    Raises:
        ConfigError: the config.json is broken.
    """
    found = _read_folder(str(path), path)
    return found if found.header is not None else found._replace(notes=())


def _pipeline(folder: Path) -> Found:
    """The configs of a pipeline's components."""

    def fetch(name: str) -> dict[str, Any] | None:
        return _parse(folder / name) if is_there(folder / name) else None

    return Found(diffusers.read_pipeline(fetch))


def _without_config(folder: files.Folder) -> Found | None:
    """What the weights of a folder say for themselves."""
    names = folder.names()
    if "model_index.json" in names or "adapter_config.json" in names:
        return None
    if chosen := kinds.gguf(folder.what, names, str(folder.path / "{}")):
        return Found({}, gguf_files.read_file(folder.path / chosen))
    header = files.weights(folder)
    return None if header is None else Found({}, header)


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
