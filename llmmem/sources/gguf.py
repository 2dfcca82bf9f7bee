"""The header of a GGUF file: metadata and tensors, read without the data (ggml's docs/gguf.md; versions 2 and 3).

Pure: it asks ``read(offset, length)`` for bytes and touches neither disk nor network, so a file may lie anywhere. What
it keeps is bounded whatever the file says: vocabularies are stepped over and only counted.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from llmmem.dtypes import BLOCKS, GGML, nbytes
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.sources.reference import shown
from llmmem.tensors import FileTensor, Header

Read = Callable[[int, int], bytes]

MAGIC = b"GGUF"
#: what ggml's own older formats begin with
_OLD = (b"lmgg", b"fmgg", b"algg", b"tjgg", b"GGLA")
#: bytes asked for at once
CHUNK = 4 << 20

# More than any published file has, and little enough to be walked in a second.
_MOST_KEYS = 10_000
_MOST_TENSORS = 1 << 15
_MOST_STRINGS = 2_000_000
_LONGEST_NAME = 1 << 8
#: what is kept of the metadata: names, and arrays with one entry per layer, but no vocabulary
_LONGEST_TEXT = 1 << 12
_MOST_TEXTS = 64
_MOST_ENTRIES = 4096
_MOST_KEPT = 32 << 20
_DEEPEST = 4
_LARGEST = 1 << 62

#: metadata type id -> struct format; 8 is a string, 9 an array
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


class Counted(NamedTuple):
    """A value that is stepped over, such as a vocabulary: how many entries (or bytes, of a string) it has."""

    length: int


def parse(read: Read, what: str, size: int | None = None) -> Header:
    """What the header of one file states.

    Args:
        read: gives ``length`` bytes from ``offset``, fewer only at the end of the file.
        what: the file's name, for messages.
        size: bytes of the file; None: not known.

    Raises:
        ConfigError: not a GGUF file, cut short within its header, or one that makes no sense.
        UnsupportedArchitectureError: a version or an element type that is not read.
    """
    cursor = _Cursor(read, what, size)
    count, keys = _start(cursor)
    metadata: dict[str, Any] = {}
    for _ in range(keys):
        key = cursor.name("a metadata key")
        if key in metadata:
            raise cursor.bad(f"has the metadata key {shown(key)} twice")
        metadata[key] = cursor.value(cursor.number("I"), 0)
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1) or alignment > 1 << 20:
        raise cursor.bad(f"states an alignment of {str(alignment)[:40]}, which is no power of two")
    tensors, places = _tensors(cursor, count, alignment)
    start = -(-cursor.offset // alignment) * alignment
    end = _extent(cursor, places)
    notes: tuple[str, ...] = ()
    if size is not None and size < start + end:
        notes = (
            f"{what} is cut short: {size:,} of at least {start + end:,} bytes are there; its header is whole, so sizes"
            " are those of the whole file",
        )
    whole = start + -(-end // alignment) * alignment
    return Header("gguf", tensors, metadata, whole if size is None or notes else size, notes)


def _start(cursor: _Cursor) -> tuple[int, int]:
    """How many tensors and metadata keys there are; sets the byte order."""
    magic = cursor.take(4)
    if magic in _OLD:
        raise UnsupportedArchitectureError(
            f"{cursor.what} is in an older format of ggml, which llama.cpp does not read any more.",
            "Get the model as GGUF.",
        )
    if magic == b"vers":
        raise ConfigError(f"{cursor.what} is a Git LFS pointer, not the file itself.", "Run: git lfs pull")
    if magic != MAGIC:
        raise ConfigError(f"{cursor.what} is not a GGUF file: it does not begin with GGUF.", "Get the file again.")
    version = cursor.number("I")
    if not version & 0xFFFF and version:  # written on a machine of the other byte order
        cursor.order = ">"
        version = int.from_bytes(version.to_bytes(4, "little"), "big")
    if version not in (2, 3):
        raise UnsupportedArchitectureError(
            f"{cursor.what} is GGUF version {version:,}; versions 2 and 3 are read.",
            "Convert the model again with a current llama.cpp.",
        )
    count, keys = cursor.number("Q"), cursor.number("Q")
    if count > _MOST_TENSORS or keys > _MOST_KEYS:
        raise cursor.bad(f"claims {count:,} tensors and {keys:,} metadata keys, more than any model has")
    return count, keys


def _tensors(cursor: _Cursor, count: int, alignment: int) -> tuple[tuple[FileTensor, ...], list[tuple[int, int]]]:
    """The tensors in the file's order, and where the data of each begins and ends."""
    out, places, names = [], [], set()
    for _ in range(count):
        name = cursor.name("a tensor's name")
        axes = cursor.number("I")
        if axes > 4:
            raise cursor.bad(f"gives {shown(name)} {axes:,} axes; ggml has at most 4")
        *lengths, kind, offset = cursor.numbers(f"{axes}QIQ", 8 * axes + 12)
        shape, dtype = tuple(lengths[::-1]), _dtype(cursor, name, kind)
        if name in names:
            raise cursor.bad(f"has the tensor {shown(name)} twice")
        names.add(name)
        if prod(shape) > _LARGEST or max(shape, default=0) > _LARGEST:
            raise cursor.bad(f"gives {shown(name)} more elements than any tensor has")
        if dtype in BLOCKS and (not shape or shape[-1] % BLOCKS[dtype][0]):
            raise cursor.bad(f"stores {shown(name)} as {dtype} in rows that are not whole blocks")
        if offset % alignment or offset > _LARGEST:
            raise cursor.bad(f"places {shown(name)} at {offset:,}, which no aligned tensor has")
        size = nbytes(prod(shape), dtype)
        out.append(FileTensor(name, shape, dtype, size))
        places.append((offset, offset + size))
    return tuple(out), places


def _dtype(cursor: _Cursor, name: str, number: int) -> str:
    if number not in GGML:
        raise UnsupportedArchitectureError(
            f"{cursor.what} stores {shown(name)} as ggml type {number:,}, which ggml does not have (any more).",
            "Quantise the model again with a current llama.cpp.",
        )
    return GGML[number]


def _extent(cursor: _Cursor, places: list[tuple[int, int]]) -> int:
    """The end of the tensors' data, relative to where it starts."""
    end = 0
    for first, last in sorted(places):
        if first < end:
            raise cursor.bad(f"places two tensors over one another at {first:,}")
        end = max(end, last)
    return end


class _Cursor:
    """A place in the file that moves forward, and the bytes around it."""

    def __init__(self, read: Read, what: str, size: int | None) -> None:
        self.what = what
        self.order = "<"
        self.strings = 0
        self.kept = 0
        self._read = read
        self._size = size
        self._data = b""
        self._base = 0
        self.offset = 0

    def bad(self, fault: str) -> ConfigError:
        return ConfigError(f"{self.what} {fault}.", "The file is broken: get it again.")

    def cut(self) -> ConfigError:
        return ConfigError(
            f"{self.what} is cut short within its header, after {self.offset:,} bytes.", "Get the whole file."
        )

    def _fill(self, length: int) -> int:
        """Have ``length`` bytes at hand; returns their place in the buffer."""
        place = self.offset - self._base
        if place < 0 or place + length > len(self._data):
            self._data, self._base, place = self._read(self.offset, max(length, CHUNK)), self.offset, 0
            if len(self._data) < length:
                raise self.cut()
        return place

    def take(self, length: int) -> bytes:
        place = self._fill(length)
        self.offset += length
        return self._data[place : place + length]

    def skip(self, length: int) -> None:
        if self._size is not None and self.offset + length > self._size:
            raise self.cut()
        self.offset += length

    def number(self, form: str) -> Any:
        return self.numbers(form, struct.calcsize("=" + form))[0]

    def numbers(self, form: str, size: int) -> tuple[Any, ...]:
        return struct.unpack(self.order + form, self.take(size))

    def name(self, kind: str) -> str:
        """A short string that has to be text."""
        length = self.number("Q")
        if length > _LONGEST_NAME:
            raise self.bad(f"claims {kind} of {length:,} bytes")
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise self.bad(f"holds {kind} that is not UTF-8") from None

    def value(self, kind: int, depth: int) -> Any:
        if kind in _SCALARS:
            return self.number(_SCALARS[kind])
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array(depth)
        raise self.bad(f"holds metadata of type {kind:,}, which GGUF does not have")

    def _keeps(self, size: int) -> bool:
        self.kept += size
        return self.kept <= _MOST_KEPT

    def _string(self) -> str | Counted:
        length = self.number("Q")
        if length > _LARGEST:
            raise self.bad(f"claims a string of {length:,} bytes")
        if length <= _LONGEST_TEXT and self._keeps(length):
            return self.take(length).decode(errors="replace")
        self.skip(length)
        return Counted(length)

    def _array(self, depth: int) -> list[Any] | Counted:
        kind, length = self.number("I"), self.number("Q")
        if depth == _DEEPEST:
            raise self.bad(f"nests arrays more than {_DEEPEST} deep")
        if length > _LARGEST:
            raise self.bad(f"claims an array of {length:,} entries")
        form = _SCALARS.get(kind)
        size = 0 if form is None else struct.calcsize("=" + form) * length
        if form is not None and length <= _MOST_ENTRIES and self._keeps(32 * length):
            return list(self.numbers(f"{length}{form}", size))
        if form is not None:
            self.skip(size)
        elif kind in (_STRING, _ARRAY):
            self.strings += length if kind == _STRING else 16 * length
            if self.strings > _MOST_STRINGS:
                raise self.bad(f"claims arrays of {self.strings:,} strings, more than any vocabulary has")
            if kind == _STRING and length <= _MOST_TEXTS:
                return [self._string() for _ in range(length)]
            if kind == _STRING:
                self._skip_strings(length)
            else:
                for _ in range(length):
                    self._array(depth + 1)
        else:
            raise self.bad(f"holds an array of type {kind:,}, which GGUF does not have")
        return Counted(length)

    def _skip_strings(self, count: int) -> None:
        unpack = struct.Struct(self.order + "Q").unpack_from
        while count:
            place = self._fill(8)
            data = self._data
            last = len(data) - 8
            while count and place <= last:
                place += 8 + unpack(data, place)[0]
                count -= 1
            if place > _LARGEST:
                raise self.bad(f"claims a string of more than {_LARGEST:,} bytes")
            self.skip(self._base + place - self.offset)
