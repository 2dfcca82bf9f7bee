"""What changed between two reports, line by line."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Mapping
from typing import NamedTuple

#: group, component and label of a line
Key = tuple[str, str, str]


class Change(NamedTuple):
    """One line in both reports; 0 bytes where a report has no such line."""

    name: str
    group: str
    component: str
    label: str
    before: int
    now: int
    #: bytes it grew by; negative where it shrank
    change: int
    #: the same in percent; None where there was nothing before
    percent: float | None


def changes(name: str, before: Mapping[Key, int], now: Mapping[Key, int]) -> list[Change]:
    """Every line that is not what it was, in the order of the report, those that are gone last; then the total."""
    out = [_change(name, key, before.get(key, 0), now.get(key, 0)) for key in {**now, **before}]
    out = [change for change in out if change.change]
    if not out:
        return []
    return [*out, _change(name, ("total", "", ""), sum(before.values()), sum(now.values()))]


def percent(before: int, now: int) -> float | None:
    """Growth in percent; None where there was nothing before."""
    return None if before == 0 else 100 * (now - before) / before


def _change(name: str, key: Key, before: int, now: int) -> Change:
    return Change(name, *key, before, now, now - before, percent(before, now))
