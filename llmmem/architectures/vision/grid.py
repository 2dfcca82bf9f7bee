"""Pictures of one fixed size, cut into patches."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.config import Config


class Grid(NamedTuple):
    """A picture of ``size`` (height, width) in patches of ``patch``."""

    size: tuple[int, int]
    patch: tuple[int, int]

    @property
    def patches(self) -> int:
        """Whole patches in the picture."""
        return (self.size[0] // self.patch[0]) * (self.size[1] // self.patch[1])


def fixed_grid(c: Config, *, image: int, patch: int) -> Grid:
    """The grid of a config; ``image`` and ``patch`` are the class defaults."""
    return Grid(c.pair("image_size", default=image), c.pair("patch_size", default=patch, least=1))
