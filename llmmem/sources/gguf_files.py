"""GGUF files on disk: one file, or all parts of a model that is split."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from llmmem.errors import ConfigError, ModelNotFoundError
from llmmem.sources import gguf, ranges
from llmmem.sources.reference import shown
from llmmem.tensors import Header

_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf", re.IGNORECASE | re.DOTALL)
_MOST_PARTS = 1000


def read_file(path: Path) -> Header:
    """The header of a GGUF file, and of the parts beside it where it is one of several.

    Raises:
        ConfigError: a file cannot be read, is broken, or is no part of the others.
        ModelNotFoundError: a part is missing.
    """
    first, *others = parts(path.name)
    return whole(first, others, lambda name: _read(path.with_name(name)))


def parts(name: str) -> list[str]:
    """The names of all files of a model, from the name of any; a file that is not split has its own."""
    split = _PART.fullmatch(name)
    count = int(split[3]) if split else 0
    if split is None or not 1 < count <= _MOST_PARTS or not 0 < int(split[2]) <= count:
        return [name]
    return [f"{split[1]}-{i:05d}-of-{count:05d}.gguf" for i in range(1, count + 1)]


def whole(first: str, others: Sequence[str], header: Callable[[str], Header]) -> Header:
    """The headers of all parts as one; the first has the metadata (gguf-split).

    Args:
        header: gives the header of a part by its name.

    Raises:
        ConfigError: the parts do not belong together.
    """
    start = header(first)
    count = start.metadata.get("split.count", 1)
    if count != 1 + len(others) and (others or count not in (0, 1)):
        raise ConfigError(
            f"{shown(first)} says that it is one of {str(count)[:20]} files; by its name there are {1 + len(others)}.",
            "Give a part by its own name, such as model-00001-of-00005.gguf, with the others beside it.",
        )
    headers = [start, *(header(name) for name in others)]
    tensors = tuple(t for h in headers for t in h.tensors)
    if len({t.name for t in tensors}) < len(tensors):
        raise ConfigError(f"{shown(first)} and its other parts hold the same tensors.", "Get the files again.")
    stated = start.metadata.get("split.tensors.count", len(tensors))
    if others and stated != len(tensors):
        raise ConfigError(
            f"{shown(first)} says that the model has {str(stated)[:20]} tensors; its parts hold {len(tensors):,}.",
            "Get the files again.",
        )
    return start._replace(
        tensors=tensors,
        file_bytes=sum(h.file_bytes or 0 for h in headers),
        notes=tuple(note for h in headers for note in h.notes),
    )


def _read(path: Path) -> Header:
    if not path.exists():
        raise ModelNotFoundError(
            f"{shown(path.name)} is missing beside the model's other parts.", "Put all its parts into one folder."
        )
    with ranges.local(path) as (read, size):
        return gguf.parse(read, shown(path.name), size)
