"""Accelerators that users add: a YAML file given by name, and the one in their configuration directory."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from llmmem import shipped
from llmmem.errors import ConfigError, UsageError
from llmmem.gpus import Gpu, entry_gpu

_TEXT = ("id", "name", "vendor", "source", "memory_type", "interconnect", "compute_capability", "note")
_NUMBERS = ("memory_gb", "usable_gib", "bandwidth_gbs", "fp16_tflops", "fp8_tflops", "fp4_tflops")
_COUNTS = ("memory_mib", "gpus_per_node", "year", "devices")
_FLAGS = ("unified", "common")
_NEEDED = ("id", "memory_gb")


def own_file() -> Path:
    """Where a user's own list is looked for: gpus.yaml in the configuration directory of llmmem."""
    if os.name == "nt" and (roaming := os.environ.get("APPDATA")):
        return Path(roaming) / "llmmem" / "gpus.yaml"
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "llmmem" / "gpus.yaml"


def own_gpus(file: str | None = None) -> tuple[Gpu, ...]:
    """The user's accelerators: those of ``file`` first, then those of the configuration directory.

    Raises:
        UsageError: ``file`` is not there.
        ConfigError: a file that is no list of accelerators.
    """
    given: tuple[Gpu, ...] = ()
    if file is not None:
        if not Path(file).is_file():
            raise UsageError(f"--gpus-file {file[:80]!r} is no file.", "Give a YAML file with a list of GPUs.")
        given = read(Path(file))
    try:
        path = own_file()
        there = path.is_file()
    except (OSError, RuntimeError):  # no home directory, or one we may not look into
        return given
    if not there:
        return given
    named = {gpu.id for gpu in given}
    return (*given, *(gpu for gpu in read(path) if gpu.id not in named))


@cache
def read(path: Path) -> tuple[Gpu, ...]:
    """The accelerators of a file: a list of entries with the fields of configs/gpus.yaml, of which id and memory_gb
    are needed.

    Raises:
        ConfigError: unreadable, not a list, or an entry with a missing, unknown, duplicate or senseless field.
    """
    entries = shipped.read(path)
    if not isinstance(entries, list) or not entries:
        raise ConfigError(f"{path} is not a list of GPUs.", _HINT)
    seen: set[str] = set()
    out = []
    for number, entry in enumerate(entries, 1):
        checked = _entry(entry, f"{path}, entry {number}")
        if checked["id"] in seen:
            raise ConfigError(f"{path} has the GPU {checked['id']!r} twice.", "Give each an id of its own.")
        seen.add(checked["id"])
        out.append(entry_gpu(checked))
    return tuple(out)


_HINT = "Such as: - {id: my-gpu, memory_gb: 48, vendor: NVIDIA}"


def _entry(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} is not an object.", _HINT)
    for key in _NEEDED:
        if entry.get(key) is None:
            raise ConfigError(f"{where} lacks {key}.", _HINT)
    known = (*_TEXT, *_NUMBERS, *_COUNTS, *_FLAGS, "aliases")
    for key, value in entry.items():
        if key not in known:
            raise ConfigError(f"{where}: {str(key)[:40]!r} is no field of a GPU.", f"Known: {', '.join(known)}.")
        if value is not None and not _sound(key, value):
            raise ConfigError(f"{where}: {key} is {str(value)[:40]!r}, which makes no sense.", _HINT)
    name = str(entry["id"])
    given = {key: value for key, value in entry.items() if value is not None}
    return {"name": name, "vendor": "unknown", "source": where, **given, "id": name.lower()}


def _sound(key: str, value: Any) -> bool:
    if key in _FLAGS:
        return isinstance(value, bool)
    if key in _TEXT:
        return isinstance(value, str) and 0 < len(value) <= 200
    if key == "aliases":
        return isinstance(value, list) and all(isinstance(v, str) for v in value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        return False
    return key in _NUMBERS or float(value).is_integer()
