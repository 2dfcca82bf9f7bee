"""Config: typed reads of a raw config.json with the class defaults of its model, remembering what was read.

Published configs leave out keys that equal the default of their configuration class, so every read names that default.
A key that is present but null is often not the same as a missing one (``sliding_window: null`` is "no window", a
missing ``sliding_window`` is the class default), so both cases are spelled out where they differ.
"""

from __future__ import annotations

import re
from builtins import bool as Bool
from builtins import int as Int
from builtins import list as List
from builtins import str as Str
from typing import Any

from llmmem.errors import ConfigError

#: levels of objects and lists, bits of a number (Python writes out no more than 14,000)
DEEPEST, LONGEST = 64, 8192

#: No model has more; beyond it a value is a mistake or an attack.
LARGEST = 1 << 40
MOST_LAYERS = 10_000

_REQUIRED: Any = object()


class Config:
    """A raw config and where it sits in its file.

    Args:
        raw: the parsed JSON object.
        path: dotted place in the file, for messages ("text_config").
        reads: shared record of the dotted keys read so far.
    """

    def __init__(self, raw: dict[Str, Any], path: Str = "", reads: set[Str] | None = None) -> None:
        if not isinstance(raw, dict):
            raise ConfigError(
                f"{path or 'config.json'} should be a JSON object, but it is a {_kind(raw)}.",
                "Give the config.json of one model.",
            )
        self.raw = raw
        self.path = path
        self.reads: set[Str] = set() if reads is None else reads

    def _where(self, name: Str) -> Str:
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: Str) -> Bool:
        """Whether the key is there, null or not (remembered as read)."""
        self.reads.add(self._where(name))
        return name in self.raw

    def get(self, *names: Str) -> Any:
        """The first of the spellings that is there and not null, raw; None otherwise."""
        for name in names:
            self.reads.add(self._where(name))
        for name in names:
            value = self.raw.get(name)
            if value is not None:
                return value
        return None

    def missing(self, *names: Str) -> ConfigError:
        """The error for a key that has to be there."""
        found = ", ".join(sorted(self.raw)[:12]) or "nothing"
        return ConfigError(
            f"config.json lacks {' or '.join(self._where(n) for n in names)}, and this model type has no default.",
            f"Found: {found}.",
        )

    def int(self, *names: Str, default: Int = _REQUIRED, null: Int = _REQUIRED, least: Int = 0) -> Int:
        """A whole number.

        Args:
            names: the spellings, in the order the model class prefers them.
            default: what the class takes when none is there.
            null: what the class takes when the key is there but null; the default if not given.
            least: the smallest value that makes sense.

        Raises:
            ConfigError: missing without default, not a whole number, or out of range.
        """
        value = self.get(*names)
        if value is None:
            if null is not _REQUIRED and any(n in self.raw for n in names):
                return null
            if default is _REQUIRED:
                raise self.missing(*names)
            return default
        return self._number(next(n for n in names if self.raw.get(n) is not None), value, least)

    def optional(self, *names: Str, default: Int | None = None) -> Int | None:
        """A whole number, or None when the key is null; the default only when no spelling is there."""
        if any(n in self.raw for n in names):
            return self.int(*names) if self.get(*names) is not None else None
        self.get(*names)
        return default

    def _number(self, name: Str, value: Any, least: Int = 0) -> Int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, Int):
            raise ConfigError(
                f"{self._where(name)} should be a whole number, but it is {_shown(value)}.", "Check the config.json."
            )
        if not least <= value <= LARGEST:
            raise ConfigError(
                f"{self._where(name)} is {_shown(value)}, outside {least:,}..{LARGEST:,}.", "Check the config.json."
            )
        return value

    def count(self, *names: Str, default: Int = _REQUIRED, least: Int = 0) -> Int:
        """A number of layers: as ``int``, but small enough to be walked."""
        value = self.int(*names, default=default, least=least)
        if value > MOST_LAYERS:
            raise ConfigError(f"{self._where(names[0])} is {value:,}: no model has so many.", "Check the config.json.")
        return value

    def ratio(self, *names: Str, default: float) -> float:
        """A number above zero and up to one; null counts as the default."""
        value = self.get(*names)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, float | Int) or not 0 < value <= 1:
            raise ConfigError(
                f"{self._where(names[0])} should be a number above 0 and up to 1, but it is {_shown(value)}.",
                "Check the config.json.",
            )
        return float(value)

    def number(self, *names: Str, default: float) -> float:
        """A number of zero or more, whole or not; null counts as the default."""
        value = self.get(*names)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, float | Int) or not 0 <= value <= LARGEST:
            raise ConfigError(
                f"{self._where(names[0])} should be a number of zero or more, but it is {_shown(value)}.",
                "Check the config.json.",
            )
        return float(value)

    def bool(self, *names: Str, default: Bool = False, null: Bool | None = None) -> Bool:
        """A flag; null counts as ``null``, or the default where that is not given."""
        value = self.get(*names)
        if value is None:
            return null if null is not None and any(n in self.raw for n in names) else default
        if not isinstance(value, bool | Int):
            raise ConfigError(
                f"{self._where(names[0])} should be true or false, but it is {_shown(value)}.",
                "Check the config.json.",
            )
        return bool(value)

    def str(self, *names: Str, default: Str = "") -> Str:
        """A string; null counts as the default."""
        value = self.get(*names)
        if value is None:
            return default
        if not isinstance(value, str):
            raise ConfigError(
                f"{self._where(names[0])} should be a string, but it is {_shown(value)}.", "Check the config.json."
            )
        return value

    def list(self, *names: Str) -> List[Any] | None:
        """A list, or None when missing or null."""
        value = self.get(*names)
        if value is not None and not isinstance(value, list):
            raise ConfigError(
                f"{self._where(names[0])} should be a list, but it is {_shown(value)}.", "Check the config.json."
            )
        return value

    def ints(self, *names: Str, least: Int = 0) -> List[Int] | None:
        """A list of whole numbers, or None when missing or null."""
        value = self.list(*names)
        return None if value is None else [self._number(names[0], v, least) for v in value]

    def pair(self, *names: Str, default: Int = _REQUIRED, least: Int = 0) -> tuple[Int, Int]:
        """A side length given once or as [height, width]."""
        value = self.get(*names)
        if isinstance(value, list):
            sides = [self._number(names[0], v, least) for v in value]
            if len(sides) != 2:
                raise ConfigError(f"{self._where(names[0])} should have two entries.", "Check the config.json.")
            return sides[0], sides[1]
        side = self.int(*names, default=default, least=least)
        return side, side

    def each_layer(self, *names: Str, layers: Int) -> List[Any] | None:
        """A list with one entry per layer, or None when missing or null.

        Raises:
            ConfigError: fewer entries than layers.
        """
        value = self.list(*names)
        if value is not None and len(value) < layers:
            raise ConfigError(
                f"{self._where(names[0])} has {len(value)} entries for {layers} layers.", "Check the config.json."
            )
        return None if value is None else value[:layers]

    def sub(self, *names: Str, model_type: Str = "") -> Config:
        """A sub-config, empty when missing; ``model_type`` is the class default of the wrapper."""
        value = self.get(*names)
        name = next((n for n in names if self.raw.get(n) is not None), names[0])
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise ConfigError(
                f"{self._where(name)} should be an object, but it is {_shown(value)}.", "Check the config.json."
            )
        if model_type and value.get("model_type") is None:
            value = {**value, "model_type": model_type}
        return Config(value, self._where(name), self.reads)

    def unread(self) -> List[Str]:
        """Dotted keys nobody read, sub-configs that were read included."""
        return sorted(self._unread(self.raw, self.path))

    def _unread(self, raw: dict[Str, Any], path: Str) -> List[Str]:
        out: List[Str] = []
        for key, value in raw.items():
            where = f"{path}.{key}" if path else key
            if where not in self.reads:
                out.append(where)
            elif isinstance(value, dict):
                out += self._unread(value, where)
        return out


#: words of keys that give tensors or caches their sizes
_SIZES = (
    r"size|dim|layers?$|heads?$|num_|^n_|experts|rank|width|depth|kernel|window|vocab|position|channel|group|expan|inner"
    r"|patch|conv|state|latent|d_model|ffn|_ratio|period|offset|pattern|layer_types|blocks?_type|block_count|codebook"
)


def size_bearing(key: str, value: Any) -> bool:
    """Whether a key of a config may size a tensor or a cache: by its name and the kind of its value.

    Dimensions are whole numbers above one (or lists of them, or layer patterns); an object counts if anything in it
    does.
    """
    left = [(key, value)]
    while left:
        name, item = left.pop()
        if isinstance(item, dict):
            left += item.items()
        elif re.search(_SIZES, name):
            entries = item if isinstance(item, list) else [item]
            if any(_is_size(v) or (isinstance(v, str) and isinstance(item, list)) for v in entries):
                return True
    return False


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 1


def divide(c: Config, what: str, whole: int, by: int) -> int:
    """``whole / by`` where the model class needs it to come out even.

    Raises:
        ConfigError: it does not, or ``by`` is zero.
    """
    if by <= 0 or whole % by:
        raise ConfigError(
            f"{c.path + ': ' if c.path else ''}{what}: {whole:,} cannot be split evenly into {by:,}.",
            "Check the config.json.",
        )
    return whole // by


def check_depth(raw: dict[str, Any]) -> None:
    """That a config nests no deeper, and has no longer numbers, than any published one does, by far.

    Raises:
        ConfigError: it does or has.
    """
    level: list[Any] = [raw]
    for _ in range(DEEPEST):
        values = [v for outer in level for v in (outer.values() if isinstance(outer, dict) else outer)]
        if any(type(v) is Int and v.bit_length() > LONGEST for v in values):
            raise ConfigError("config.json has a number of thousands of digits.", "Check the config.json.")
        level = [v for v in values if isinstance(v, dict | list)]
        if not level:
            return
    raise ConfigError(f"config.json nests more than {DEEPEST} levels deep.", "Give the config.json of one model.")


def _kind(value: Any) -> str:
    return {list: "list", str: "string", type(None): "null", bool: "boolean"}.get(type(value), "number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
