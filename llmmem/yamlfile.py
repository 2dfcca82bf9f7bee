"""The only place that reads YAML. Importing it imports yaml (about 25 ms), so import it where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml

from llmmem.errors import ConfigError

#: The largest file llmmem ships has 0.1 MB and nests three deep; beyond this a file is a mistake or an attack.
LARGEST = 4_000_000
DEEPEST = 100
#: Aliases that name aliases grow without end where mappings are merged; a file written by hand has few.
MOST_ALIASES = 12

# The C loader is about ten times faster; wheels of PyYAML have it, a build from source may not.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path: Path) -> Any:
    """The content of a YAML file as plain Python objects (None for an empty one).

    Raises:
        ConfigError: the file cannot be read, is larger than ``LARGEST`` bytes, nests deeper than ``DEEPEST`` or is not
            YAML; the message names the line.
    """
    return _safely(path, lambda data: yaml.load(data, _Loader))


def load_list(path: Path) -> list[tuple[int, Any]] | None:
    """The entries of a YAML file that holds one list, each with its line; None where it holds something else.

    Raises:
        ConfigError: as ``load``; a key that an entry has twice.
    """

    def read(data: bytes) -> list[tuple[int, Any]] | None:
        root = yaml.compose(data, _Loader)
        if not isinstance(root, yaml.SequenceNode):
            return None
        for number, node in enumerate(root.value, 1):
            keys = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
            for key in keys:
                if isinstance(key, str) and keys.count(key) > 1:
                    raise ConfigError(f"{path}, entry {number} has {key[:40]!r} twice.", "Keep one of them.")
        lines = [node.start_mark.line + 1 for node in root.value]
        return list(zip(lines, yaml.load(data, _Loader), strict=True))

    return _safely(path, read)


_Read = TypeVar("_Read")


def _safely(path: Path, read: Callable[[bytes], _Read]) -> _Read:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path} is larger than {LARGEST:,} bytes.", "Give a YAML file written for llmmem.")
    try:
        _check_shape(data, path)
        return read(data)
    except yaml.MarkedYAMLError as error:
        where = _line(error.problem_mark or error.context_mark)
        raise ConfigError(f"{path}{where} is not valid YAML: {error.problem or error.context}.") from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        # What escapes PyYAML beside its own errors: impossible dates and numbers, merges without end.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"{path} is not valid YAML: {reason}.") from error


def _line(mark: Any) -> str:
    return f", line {mark.line + 1}" if mark else ""


def _check_shape(data: bytes, path: Path) -> None:
    """Deep nesting overruns the C loader's stack and kills the process; its parser alone does not recurse."""
    depth = aliases = 0
    for event in yaml.parse(data, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise ConfigError(f"{path}{_line(event.start_mark)} nests deeper than {DEEPEST} levels.")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if aliases > MOST_ALIASES:
                raise ConfigError(
                    f"{path}{_line(event.start_mark)} has more than {MOST_ALIASES} aliases.", "Write them out."
                )
