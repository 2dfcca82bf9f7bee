"""Bytes and counts: reading what people type, printing what they can read. Pure functions on strings and integers."""

from __future__ import annotations

import re
from itertools import pairwise

from llmmem.errors import UsageError

_BYTES = {
    "B": 1,
    "BYTES": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
    "KI": 2**10,
    "MI": 2**20,
    "GI": 2**30,
    "TI": 2**40,
}
_BINARY = (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10), ("B", 1))
_FIXED = {"GiB": 2**30, "GB": 10**9, "MiB": 2**20}
_COUNTS = (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3), ("", 1))
_TOKENS = {"": 1, "K": 2**10, "M": 2**20}

# ASCII digits only: \d would let other scripts' digits through to messages and arithmetic.
_QUANTITY = r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?([A-Za-z]*)"

#: No accelerator has more than 0.5 TiB. A bare number above this is MiB or bytes typed without their unit, and to take
#: it for GiB would make everything fit.
LARGEST_BARE_GIB = 4096
#: 1 PiB, with a unit: more than any machine has as one memory.
LARGEST_BYTES = 2**50
#: The same bound as for numbers in a config.json.
LARGEST_COUNT = 2**40


def parse_bytes(text: str) -> int:
    """Bytes of a memory size such as ``80GiB``, ``80 GB``, ``512MiB`` or ``1.5tib``.

    GB is 10^9 and GiB (or Gi) 2^30, whatever the case. A bare number is GiB: ``24`` means ``24GiB``, because that is
    how memory is asked for on a command line. ``G`` alone is read both ways by other tools and therefore refused.

    Raises:
        UsageError: not a size, not positive, or absurdly large.
    """
    hint = "Write a number with its unit, such as 80GiB, 80GB or 512MiB; a bare number is GiB."
    number, unit = _split(text, "memory size", hint)
    if unit and unit.upper() not in _BYTES:
        raise UsageError(f"{unit!r} in {text!r} is no unit of memory.", hint)
    if not unit and number > LARGEST_BARE_GIB:
        raise UsageError(f"A bare number is GiB, and no device has {text.strip()} GiB.", "Add the unit, such as MiB.")
    size = round(number * _BYTES[unit.upper() or "GIB"])
    if size > LARGEST_BYTES:
        raise UsageError(f"{text!r} is more memory than any machine has.", hint)
    if size < 1:
        raise UsageError(f"The memory size {text!r} is not positive.", hint)
    return size


def parse_count(text: str) -> int:
    """Tokens of a length such as ``32768``, ``32k`` or ``1M``.

    k is 1024 and M is 1024 x 1024: a "32k" model takes 32768 tokens and a "128k" model 131072. Where the decimal
    reading was meant, this one is the larger and so the safe one.

    Raises:
        UsageError: not a whole number, not positive, or absurdly large.
    """
    hint = "Write a whole number such as 32768, or 32k (32768), 128k (131072), 1M (1048576)."
    number, unit = _split(text, "number of tokens", hint)
    factor = _TOKENS.get(unit.upper())
    if factor is None:
        raise UsageError(f"{unit!r} in {text!r} is neither k nor M.", hint)
    count = number * factor
    if count != int(count):
        raise UsageError(f"{text!r} is not a whole number.", hint)
    if count > LARGEST_COUNT:
        raise UsageError(f"{text!r} is more than any model takes.", hint)
    if count < 1:
        raise UsageError(f"{text!r} is not positive.", hint)
    return int(count)


def format_bytes(size: int, unit: str = "auto") -> str:
    """A size for people: ``12.55 GiB``.

    Args:
        size: bytes; negative ones are differences.
        unit: GiB, GB, MiB or bytes; auto takes the largest of GiB, MiB, KiB and B that leaves at least 1. Nothing above
            GiB, so that columns of sizes can be compared at a glance.

    What is not zero is never printed as zero: one byte in GiB is ``<0.01 GiB``.

    Raises:
        UsageError: an unknown unit.
    """
    sign, size = ("-" if size < 0 else ""), abs(size)
    if unit == "bytes":
        return f"{sign}{size:,} {'byte' if size == 1 else 'bytes'}"
    if unit == "auto":
        unit, factor = _scale(size, _BINARY)
    elif unit in _FIXED:
        factor = _FIXED[unit]
    else:
        raise UsageError(f"{unit!r} is no unit to print sizes in.", f"Choose from auto, {', '.join(_FIXED)}, bytes.")
    if factor == 1:
        return f"{sign}{size} B"
    value = f"{size / factor:.2f}"
    return f"{sign}<0.01 {unit}" if size and value == "0.00" else f"{sign}{value} {unit}"


def format_count(count: int) -> str:
    """A count for people: ``6.74 B`` (10^9) parameters, ``125.20 M``, ``512``."""
    sign, count = ("-" if count < 0 else ""), abs(count)
    unit, factor = _scale(count, _COUNTS)
    return f"{sign}{count}" if factor == 1 else f"{sign}{count / factor:.2f} {unit}"


def _scale(value: int, units: tuple[tuple[str, int], ...]) -> tuple[str, int]:
    """The largest unit the value fills, seen as the unit below would print it: 1023.999 MiB is 1.00 GiB."""
    for unit, (_, below) in pairwise(units):
        if round(value / below, 2) * below >= unit[1]:
            return unit
    return units[-1]


def _split(text: str, what: str, hint: str) -> tuple[float, str]:
    """Number and unit of a quantity; signs, words and endless digits are refused here."""
    text = text.strip()
    match = re.fullmatch(_QUANTITY, text)
    if match is None or len(text) > 40:
        raise UsageError(f"{text[:40]!r} is not a {what}.", hint)
    sign, number, unit = match.groups()
    if sign == "-":
        raise UsageError(f"The {what} {text!r} is negative.", hint)
    return float(number), unit
