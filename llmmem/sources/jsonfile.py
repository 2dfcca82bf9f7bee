"""Bytes -> a JSON object, with one sentence for every way that fails."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from llmmem.errors import ConfigError
from llmmem.sources.reference import shown

#: A config.json has kilobytes; far beyond that a file is something else.
LARGEST = 32 << 20
#: Levels of objects and lists. Published configs have fewer than ten, and what comes after walks them recursively.
DEEPEST = 100


def too_large(what: str) -> ConfigError:
    """The error for more than ``LARGEST`` bytes."""
    return ConfigError(f"{what} is larger than {LARGEST >> 20} MB.", "Give the config.json of one model.")


def read(path: Path) -> bytes:
    """The content of a file, no more than ``LARGEST`` bytes of it.

    Raises:
        ConfigError: it cannot be opened or read, or is larger.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise unreadable(shown(str(path)), error) from error
    if len(data) > LARGEST:
        raise too_large(shown(str(path)))
    return data


def unreadable(what: str, error: OSError) -> ConfigError:
    """The error for a file the system does not let us read."""
    if isinstance(error, PermissionError):
        return ConfigError(f"{what} cannot be read: permission denied.", "Ask its owner, or give a copy you may read.")
    reason = os.strerror(error.errno).lower() if error.errno else "it is not open for reading"
    return ConfigError(f"{what} cannot be read: {reason}.", "Give the config.json of a model.")


def parse(data: bytes, what: str) -> dict[str, Any]:
    """A JSON object.

    NaN and Infinity are accepted: published configs hold them (``time_step_limit: [0.0, Infinity]``).

    Args:
        data: the bytes of the file, with or without a byte order mark.
        what: the file's name, for messages.

    Raises:
        ConfigError: empty, too large, not UTF-8, not JSON, cut off, nested too deeply, not an object, or a key that
            is there twice with different values.
    """
    if len(data) > LARGEST:
        raise too_large(what)
    if data.startswith(b"version https://git-lfs"):
        raise ConfigError(f"{what} is a Git LFS pointer, not the file itself.", "Run: git lfs pull")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{what} is not UTF-8 text.", "Give a config.json saved as UTF-8.") from error
    if not text.strip():
        raise ConfigError(f"{what} is empty.", "Give the config.json of a model.")
    if text.lstrip().startswith("<"):
        raise ConfigError(
            f"{what} is a web page or XML, not JSON.", "Download the file itself, not the page around it."
        )

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            for key, value in pairs:
                if value != made[key]:
                    raise ConfigError(f"{what} gives {key!r:.60} twice, with different values.", "Keep one of them.")
        return made

    try:
        value = json.loads(text, object_pairs_hook=unique)
        if _is_deep(value):
            raise RecursionError
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        raise ConfigError(
            f"{what} is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}).",
            "It looks cut off: get the whole file." if cut else "Correct it at that place, or get the file again.",
        ) from error
    except RecursionError as error:
        raise ConfigError(f"{what} is nested too deeply.", "Give the config.json of a model.") from error
    except ValueError as error:  # Python refuses to read integers of thousands of digits
        raise ConfigError(f"{what} holds a number that is too long.", "Give the config.json of a model.") from error
    if not isinstance(value, dict):
        raise ConfigError(
            f"{what} should be a JSON object, but it is {_kind(value)}.", "Give the config.json of a model."
        )
    return value


def is_object(data: bytes) -> bool:
    """Whether bytes look like a JSON object rather than a page."""
    return data.lstrip()[:1] == b"{"


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [c for v in level if isinstance(v, dict | list) for c in (v.values() if isinstance(v, dict) else v)]
        if not level:
            return False
    return True


def _kind(value: Any) -> str:
    return {list: "a list", str: "a string", type(None): "null", bool: "true or false"}.get(type(value), "a number")
