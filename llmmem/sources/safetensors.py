"""The header of a safetensors file: eight bytes of length, then JSON that says where each tensor lies.

The rules are those the format's own library checks when it opens a file (safetensors 0.8, tensor.rs, validate):
tensors lie end to end from the first byte of the data, and each has the bytes its shape and dtype make.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from llmmem.dtypes import BITS
from llmmem.errors import ConfigError
from llmmem.sources.ranges import Read
from llmmem.tensors import FileTensor, Header

#: One file of all DeepSeek-V3 with the scales of its experts would take 12 MB; the library itself reads up to 100 MB.
LONGEST = 24 << 20
MOST_TENSORS = 150_000
#: Colons and commas that so many tensors need, with room for metadata: counted first, they bound what JSON becomes.
MOST_MARKS = {b":": 5 * MOST_TENSORS, b",": 10 * MOST_TENSORS}
#: No axis of a tensor, and no file, is longer.
LARGEST = 1 << 50

#: the format's names -> llmmem's
DTYPES = {
    "BOOL": "bool",
    "F4": "fp4",
    "F6_E2M3": "fp6",
    "F6_E3M2": "fp6",
    "U8": "uint8",
    "I8": "int8",
    "F8_E4M3": "fp8",
    "F8_E5M2": "fp8",
    "F8_E4M3FNUZ": "fp8",
    "F8_E5M2FNUZ": "fp8",
    "F8_E8M0": "e8m0",
    "I16": "int16",
    "U16": "uint16",
    "F16": "fp16",
    "BF16": "bf16",
    "I32": "int32",
    "U32": "uint32",
    "F32": "fp32",
    "I64": "int64",
    "U64": "uint64",
    "F64": "fp64",
    "C64": "complex64",
}

#: what a file with another first word is
_OTHERS = {
    b"version ": "a Git LFS pointer, not the file itself",
    b"<!DOCTYP": "a web page",
    b"<!doctyp": "a web page",
    b"PK\x03\x04": "a PyTorch or zip file",
    b"\x80\x02": "a pickle file",
    b"GGUF": "a GGUF file",
    b"\x89HDF": "an HDF5 file",
}


class _Entry(NamedTuple):
    """What the header says of one tensor."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


class _BrokenError(Exception):
    """A header that breaks a rule; the message is the end of a sentence."""


class _Pairs(list[tuple[str, Any]]):
    """A JSON object that is no tensor, duplicate keys and all."""


def parse(read: Read, what: str, size: int | None = None) -> Header:
    """The header of one file.

    Args:
        read: gives its bytes.
        what: the file's name, for messages.
        size: bytes of the file, where they are known.

    Raises:
        ConfigError: it is no safetensors file, or breaks the format's rules.
    """
    try:
        start = read(0, 8)
        length = int.from_bytes(start, "little")
        for magic, kind in _OTHERS.items():
            if start.startswith(magic) and length > LONGEST:
                raise _BrokenError(f"is {kind}")
        if len(start) < 8:
            raise _BrokenError("is empty" if not start else f"ends after {len(start)} bytes")
        if length > LONGEST:
            raise _BrokenError(f"declares a header of {length:,} bytes, more than any model's")
        data = read(8, length)
        if len(data) < length:
            raise _BrokenError(f"is cut off within its header: {len(data):,} of {length:,} bytes are there")
        tensors, metadata, end = _tensors(data)
    except _BrokenError as error:
        raise ConfigError(
            f"{what} is no whole safetensors file: it {error}.", "Get the file again, or give the model's config.json."
        ) from error
    whole = 8 + length + end
    notes: tuple[str, ...] = ()
    if size is not None and size < whole:
        notes = (
            f"{what} is cut short: {size:,} of {whole:,} bytes are there; its header is whole, so sizes are exact",
        )
    elif size is not None and size > whole:
        notes = (f"{what} has {size - whole:,} bytes beyond its last tensor",)
    return Header("safetensors", tensors, metadata, whole, notes)


def _tensors(data: bytes) -> tuple[tuple[FileTensor, ...], dict[str, Any], int]:
    """The tensors in the order of their data, the metadata, and where the data ends."""
    count = 0

    def made(pairs: list[tuple[str, Any]]) -> _Entry | _Pairs:
        nonlocal count
        count += 1
        if count > MOST_TENSORS:
            raise _BrokenError(f"lists more than {MOST_TENSORS:,} tensors")
        if pairs and type(pairs[0][1]) not in (_Entry, _Pairs):
            entry = dict(pairs)
            if isinstance(entry.get("shape"), list):
                return _entry(entry, len(pairs))
        return _Pairs(pairs)

    if any(data.count(mark) > most for mark, most in MOST_MARKS.items()):
        raise _BrokenError(f"lists more than {MOST_TENSORS:,} tensors")

    try:
        top = json.loads(data.decode("utf-8"), object_pairs_hook=made, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise _BrokenError("has a header that is not UTF-8") from None
    except RecursionError:
        raise _BrokenError("has a header that is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise _BrokenError(f"has a header that is not JSON ({error.msg} at byte {error.pos:,})") from None
    except ValueError:  # Python refuses to read integers of thousands of digits
        raise _BrokenError("has a number that is too long in its header") from None
    if not isinstance(top, _Pairs):
        raise _BrokenError("has a header that is not a JSON object")
    metadata: dict[str, Any] = {}
    entries: dict[str, _Entry] = {}
    for name, value in top:
        if name in entries or (name == "__metadata__" and metadata):
            raise _BrokenError(f"lists {_short(name)} twice")
        if name == "__metadata__" and isinstance(value, _Pairs):
            metadata = {k: v for k, v in value if isinstance(v, str)}
        elif isinstance(value, _Entry):
            entries[name] = value
        else:
            raise _BrokenError(f"does not say what {_short(name)} is")
    at = 0
    out = []
    for name, entry in sorted(entries.items(), key=lambda i: i[1][2:]):
        if entry.begin != at:
            how = "overlaps another" if entry.begin < at else "leaves a gap before it"
            raise _BrokenError(f"says that {_short(name)} {how}")
        at = entry.end
        out.append(FileTensor(name, entry.shape, entry.dtype, entry.end - entry.begin))
    return tuple(out), metadata, at


def _entry(raw: dict[str, Any], keys: int) -> _Entry:
    """One tensor, its bytes checked against its shape."""
    shape, dtype, offsets = raw["shape"], raw.get("dtype"), raw.get("data_offsets")
    if keys != 3 or not isinstance(dtype, str) or not isinstance(offsets, list) or len(offsets) != 2:
        raise _BrokenError("has a tensor without dtype, shape and data_offsets")
    known = DTYPES.get(dtype)
    if known is None:
        raise _BrokenError(f"has a tensor of the unknown dtype {_short(dtype)}")
    elements = 1
    for number in (*shape, *offsets):
        if type(number) is not int or not 0 <= number <= LARGEST:
            raise _BrokenError(f"has a tensor with the size or offset {_short(number)}")
    for side in shape:
        elements *= side
        if elements > LARGEST * 8:
            raise _BrokenError("has a tensor larger than any file")
    begin, end = offsets
    if elements * BITS[known] != 8 * (end - begin):
        raise _BrokenError(f"gives {end - begin:,} bytes to a tensor of {dtype} x {elements:,}")
    return _Entry(known, tuple(shape), begin, end)


def _no_number(name: str) -> None:
    raise _BrokenError(f"has {name} in its header")


def _short(value: Any) -> str:
    text = "".join(c if c.isprintable() else "?" for c in (value if isinstance(value, str) else repr(value)))
    return text if len(text) <= 60 else text[:57] + "..."
