"""Writes safetensors files with whole headers and empty data, as sparse files or as bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

from llmmem.dtypes import BITS
from llmmem.sources.safetensors import DTYPES

#: llmmem's name -> the format's
NAMES = {ours: theirs for theirs, ours in reversed(DTYPES.items())}

Tensors = Mapping[str, tuple[Iterable[int], str]]


def header_bytes(tensors: Tensors) -> tuple[bytes, int]:
    """The start of a file that holds these tensors, name -> (shape, dtype), and the size of the whole."""
    raw: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (sides, dtype) in tensors.items():
        shape = list(sides)
        end = at + prod(shape) * BITS[dtype] // 8
        raw[name] = {"dtype": NAMES[dtype], "shape": shape, "data_offsets": [at, end]}
        at = end
    data = json.dumps(raw).encode()
    data += b" " * (-len(data) % 8)
    return struct.pack("<Q", len(data)) + data, 8 + len(data) + at


def write(path: Path, tensors: Tensors, missing: int = 0) -> int:
    """A file of these tensors, its last ``missing`` bytes left out; returns its whole size."""
    start, size = header_bytes(tensors)
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size - missing)
    return size


def write_shards(folder: Path, tensors: Tensors, shards: int) -> None:
    """The same over several files, with their index."""
    names = list(tensors)
    weight_map = {}
    for i in range(shards):
        file = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        mine = names[i::shards]
        write(folder / file, {n: tensors[n] for n in mine})
        weight_map |= dict.fromkeys(mine, file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
