"""What was read from far away, kept on disk: small files of JSON, so that asking again needs no network.

Nothing depends on it: what cannot be written is not kept, and what cannot be read is asked for again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import Any

from llmmem.sources.gguf import Counted
from llmmem.sources.reference import expand
from llmmem.tensors import FileTensor, Header

#: seconds after which a branch is asked for again; a commit never changes
FRESH = 24 * 3600
#: characters of one file
LARGEST = 32 << 20

_COMMIT = re.compile(r"[0-9a-f]{40}(?=/|$)")


def folder() -> Path | None:
    """Where it is: LLMMEM_CACHE, else llmmem in the user's cache folder; None where LLMMEM_CACHE is empty."""
    own = os.environ.get("LLMMEM_CACHE")
    if own is not None:
        return expand(own) if own else None
    return expand(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "llmmem"


def load(address: str, *, stale: bool = False) -> Any:
    """What was kept of an address; None where there is nothing.

    Args:
        stale: also what a branch held long ago.
    """
    path = _path(address)
    if path is None:
        return None
    try:
        if not stale and not _COMMIT.search(address) and time.time() - path.stat().st_mtime > FRESH:
            return None
        with path.open(encoding="utf-8") as file:
            entry = json.loads(file.read(LARGEST))
        return entry["value"] if entry["address"] == _digest(address) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def save(address: str, value: Any) -> None:
    """Keep a value of JSON, whole or not at all."""
    path = _path(address)
    if path is None:
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        text = json.dumps({"address": _digest(address), "value": value})
        if len(text) > LARGEST:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except (OSError, ValueError):
        try:
            temporary.unlink(missing_ok=True)
        except OSError:
            return


def load_header(address: str) -> Header | None:
    """A header that was kept."""
    value = load(address)
    try:
        form, tensors, metadata, size, notes = value
        held = tuple(FileTensor(name, tuple(shape), dtype, nbytes) for name, shape, dtype, nbytes in tensors)
        return Header(form, held, {key: _decoded(v) for key, v in metadata.items()}, size, tuple(notes))
    except (ValueError, TypeError, AttributeError):
        return None


def save_header(address: str, header: Header) -> None:
    """Keep a header."""
    save(address, [header.form, header.tensors, _encoded(header.metadata), header.file_bytes, header.notes])


def _encoded(value: Any) -> Any:
    """JSON has no word for what was only counted."""
    if isinstance(value, Counted):
        return {"counted": value.length}
    if isinstance(value, list):
        return [_encoded(v) for v in value]
    return {k: _encoded(v) for k, v in value.items()} if isinstance(value, dict) else value


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        return Counted(value["counted"])
    return [_decoded(v) for v in value] if isinstance(value, list) else value


def _path(address: str) -> Path | None:
    place = folder()
    return place / f"{_digest(address)[:32]}.json" if place else None


def _digest(address: str) -> str:
    """An address may hold a password or a signature, which are not written down."""
    return hashlib.sha256(address.encode()).hexdigest()
