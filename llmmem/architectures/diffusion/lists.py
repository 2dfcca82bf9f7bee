"""Lists of levels, of which there is at least one."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import sizes, whole
from llmmem.config import LARGEST, Config
from llmmem.errors import ConfigError


def filled(c: Config, name: str, default: Sequence[int], most: int = LARGEST) -> list[int]:
    """``sizes`` of which there is at least one, each above zero."""
    found = [whole(name, value, most=most) for value in sizes(c, name, default)]
    if not found:
        raise ConfigError(f"{name} is empty.", "Check the config.json.")
    return found
