"""A start-up log as lines: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from llmmem.errors import UsageError
from llmmem.sources.reference import shown

#: an engine's start-up has kilobytes; what comes after serving for a year is not needed
LARGEST = 16 << 20
#: characters of a line that are looked at
LONGEST = 2000


def read_log(place: str) -> list[str]:
    """The lines of a log.

    Args:
        place: a path, or "-" for standard input.

    Raises:
        UsageError: it cannot be read, is too large, empty, or no text.
    """
    what = "Standard input" if place == "-" else shown(place)
    try:
        if place == "-":
            stream = getattr(sys.stdin, "buffer", None)
            data = stream.read(LARGEST + 1) if stream else sys.stdin.read(LARGEST + 1).encode()
        else:
            with Path(place).open("rb") as file:
                data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"{what} cannot be read as a log.", "Give a file with what the engine printed.") from error
    if len(data) > LARGEST:
        raise UsageError(f"{what} is larger than {LARGEST >> 20} MB.", "Give the part from the start of the engine.")
    if not data.strip():
        raise UsageError(f"{what} is empty.", "Give a file with what the engine printed.")
    if b"\0" in data[:LONGEST]:
        raise UsageError(f"{what} is no text.", "Give a file with what the engine printed.")
    return [line[:LONGEST] for line in data.decode("utf-8", "replace").splitlines()]
