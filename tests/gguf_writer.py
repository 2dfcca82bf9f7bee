"""A small writer of GGUF headers, straight from the layout in ggml's docs/gguf.md; knows nothing of the package."""

from __future__ import annotations

import struct
from typing import Any

#: value type -> (id, struct format)
SCALARS = {
    "u8": (0, "B"), "i8": (1, "b"), "u16": (2, "H"), "i16": (3, "h"), "u32": (4, "I"), "i32": (5, "i"),
    "f32": (6, "f"), "bool": (7, "?"), "u64": (10, "Q"), "i64": (11, "q"), "f64": (12, "d"),
}  # fmt: skip

Tensor = tuple[str, list[int], int, int]


def string(text: str | bytes, order: str = "<") -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return struct.pack(order + "Q", len(data)) + data


def typed(kind: str, value: Any, order: str = "<") -> tuple[int, bytes]:
    """Type id and bytes of a value; ``kind`` is "u32", "str", or "[u32]" for a list."""
    if kind == "str":
        return 8, string(value, order)
    if kind.startswith("["):
        inner = kind[1:-1]
        number = SCALARS[inner][0] if inner in SCALARS else 8 if inner == "str" else 9
        items = b"".join(typed(inner, v, order)[1] for v in value)
        return 9, struct.pack(order + "IQ", number, len(value)) + items
    number, form = SCALARS[kind]
    return number, struct.pack(order + form, value)


def guess(value: Any) -> tuple[str, Any]:
    """The type a converter would give a value; a pair states it."""
    if isinstance(value, tuple):
        return value  # type: ignore[return-value]
    if isinstance(value, list):
        return f"[{guess(max(value))[0]}]", value
    if isinstance(value, int) and value >= 1 << 32:
        return "u64", value
    if isinstance(value, int) and value < 0:
        return "i32", value
    return {str: "str", bool: "bool", float: "f32"}.get(type(value), "u32"), value


def write(
    metadata: dict[str, Any], tensors: list[Tensor], *, order: str = "<", version: int = 3, alignment: int = 32
) -> bytes:
    """A header; tensors are (name, ne with the innermost axis first, ggml type, offset)."""
    out = bytearray(b"GGUF" + struct.pack(order + "IQQ", version, len(tensors), len(metadata)))
    for key, value in metadata.items():
        number, data = typed(*guess(value), order=order)
        out += string(key, order) + struct.pack(order + "I", number) + data
    for name, ne, kind, offset in tensors:
        out += string(name, order) + struct.pack(f"{order}I{len(ne)}QIQ", len(ne), *ne, kind, offset)
    return bytes(out) + b"\0" * (-len(out) % alignment)
