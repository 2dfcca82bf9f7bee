"""Lists of module names against the names of a model, without a look at every entry for every name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

from llmmem.errors import ConfigError

Test = Callable[[str], bool]

#: an index between dots, in a name, a glob or a regular expression
_INDEX = re.compile(r"(?:^|\.)(\d+)(?=\\?\.|$)")
#: anything else that may tell one layer from another
_TELLING = re.compile(r"(?<![A-Za-z_\d])\d|\\d|[\[?]")

#: entries that every name is tested against; repeats in a regular expression, and its length
MOST_ENTRIES, MOST_REPEATS, LONGEST = 10_000, 8, 1000

#: an escaped character or a class of characters: one character to a repeat
_ATOM = re.compile(r"\\.|\[\^?\]?[^\]]*\]", re.DOTALL)
_REPEAT = re.compile(r"[*+{]")
#: a group without others inside, and one that repeats what repeats or may be read in several ways
_GROUP = re.compile(r"\([^()]*\)")
_ENDLESS = re.compile(r"\([^()]*[*+{|][^()]*\)[*+{]")


class Names:
    """The entries of a list such as ``ignore``, each tested only against names it can match.

    Args:
        entries: as the config lists them.
        how: what an entry means. "module": modules of that name, and all within them (transformers 5.23,
            quantizers/quantizers_utils.py, should_convert_module; earlier versions also look in the middle of a name).
            "exact": that module, or a regular expression after "re:" (compressed-tensors 0.20, utils/match.py).
            "glob": a shell pattern, or modules of that name (nvidia-modelopt 0.47). "part": any name it is part of
            (AutoAWQ 0.2.9, exclude_layers_to_not_quantize).
        where: the key, for messages.
    """

    def __init__(self, entries: Iterable[str], how: str, where: str) -> None:
        self._anywhere: list[Test] = []
        self._at: dict[str, list[Test]] = {}
        #: whether the answer depends on the layer
        self.layered = False
        #: whether the answer depends on the expert
        self.expert = False
        for entry in dict.fromkeys(entries):
            indices = _INDEX.findall(entry)
            test = _test(entry.removesuffix(".weight"), how, where)
            if indices:
                self._at.setdefault(indices[0], []).append(test)
            else:
                self._anywhere.append(test)
            self.layered |= bool(indices) or bool(_TELLING.search(entry))
            self.expert |= len(indices) > 1
        if max(map(len, (self._anywhere, *self._at.values()))) > MOST_ENTRIES:
            raise ConfigError(f"{where} lists more names than any model has.", "Check the quantization_config.")

    def __contains__(self, name: str) -> bool:
        if any(test(name) for test in self._anywhere):
            return True
        if not self._at:
            return False
        return any(test(name) for index in _INDEX.findall(name) for test in self._at.get(index, ()))


class Table:
    """What a config says of single modules by name, and of all within them."""

    def __init__(self, rows: dict[str, object]) -> None:
        self._rows = rows
        indices = [len(_INDEX.findall(name)) for name in rows]
        #: as those of ``Names``
        self.layered, self.expert = any(indices), any(n > 1 for n in indices)

    def find(self, name: str) -> object | None:
        """The row of the module or of the nearest one it is in."""
        while name:
            row = self._rows.get(name)
            if row is not None:
                return row
            name = name.rpartition(".")[0]
        return None


def endless(pattern: str) -> bool:
    """Whether matching a regular expression may take time that grows without bound with the length of a name."""
    plain = _ATOM.sub("x", pattern)
    if len(pattern) > LONGEST or len(_REPEAT.findall(plain)) > MOST_REPEATS:
        return True
    while not _ENDLESS.search(plain):
        inner = _GROUP.sub(lambda group: "x*" if _REPEAT.search(group[0]) else "x", plain)
        if inner == plain:
            return False
        plain = inner
    return True


def _test(entry: str, how: str, where: str) -> Test:
    if how == "exact":
        if not entry.startswith("re:"):
            return lambda name: name == entry
        found = _compiled(entry[3:], where).match
    elif how == "part":
        return lambda name: entry in name
    elif not re.search(r"[*?\[\](){}|^$\\+]", entry):
        inner = f".{entry}."
        if how == "module":
            return lambda name: inner in f".{name}." or name.endswith(entry)
        return lambda name: inner in f".{name}."
    elif how == "glob":
        found = _compiled(translate(entry), where).match
    else:
        found = _compiled(rf"(?:{entry})(?:(?<=\.)|(?=\.|$))", where).match
    return lambda name: found(name) is not None


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    if endless(pattern):
        raise ConfigError(
            f"{where}: {pattern[:40]!r} may take forever to match.",
            "Check the quantization_config.",
        )
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        raise ConfigError(
            f"{where}: {pattern[:40]!r} is no regular expression.", "Check the quantization_config."
        ) from None
