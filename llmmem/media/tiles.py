"""Columns and rows of the tiles that a picture is cut into.

Each rule takes the sides of a picture and of a tile in pixels and gives (columns, rows); sources are the image
processors of transformers 5.23.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, floor

from llmmem.tensors import Tiles

#: columns and rows
Grid = tuple[int, int]


@lru_cache(maxsize=64)
def grids(least: int, most: int) -> tuple[Grid, ...]:
    """Columns and rows of ``least`` to ``most`` tiles, the fewest tiles first, narrow ones before wide ones."""
    grids = [(w, h) for w in range(1, most + 1) for h in range(1, most // w + 1) if w * h >= least]
    return tuple(sorted(grids, key=lambda g: g[0] * g[1]))


def closest(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """The ratio of sides nearest to the picture's; of equal ones the largest it half fills (models/got_ocr2)."""
    best, least = (1, 1), float("inf")
    for grid in grids(tiles.least, tiles.most):
        off = abs(width / height - grid[0] / grid[1])
        if off < least or (off == least and height * width > 0.5 * side * side * grid[0] * grid[1]):
            best, least = grid, off
    return best


def covering(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """As many tiles as the picture's sides ask for; the nearest ratio where those are too many (phi4_multimodal)."""
    columns, rows = ceil(width / side), ceil(height / side)
    return (columns, rows) if columns * rows <= tiles.most else closest(tiles, height, width, side)


def canvas(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """The canvas that enlarges the picture least, or else shrinks it least; of equal ones the smallest (mllama)."""
    scales = {g: min(g[1] * side / height, g[0] * side / width) for g in grids(1, tiles.most)}
    larger = [s for s in scales.values() if s >= 1]
    chosen = min(larger) if larger else max(scales.values())
    return min((g for g, s in scales.items() if s == chosen), key=lambda g: g[0] * g[1])


def enlarging(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """The same by the side that has to be enlarged least, the first of equal ones (models/cohere2_vision)."""
    scales = {g: min(g[0] * side / width, g[1] * side / height) for g in grids(1, tiles.most)}
    larger = {g: s for g, s in scales.items() if s >= 1}
    return min(larger, key=lambda g: larger[g]) if larger else max(scales, key=lambda g: scales[g])


def filling(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """The canvas that holds the picture and makes its shorter side longest, else the nearest (perception_lm)."""
    ratios: dict[float, list[Grid]] = {}
    for count in range(tiles.most, 0, -1):
        for columns in range(1, count + 1):
            if count % columns == 0:
                ratios.setdefault(columns * columns / count, []).append((columns, count // columns))
    best: Grid | None = None
    shorter = 0
    for grid in (g for grids in ratios.values() for g in grids):
        if grid[0] * side < width or grid[1] * side < height:
            continue
        scale = min(grid[0] * side / width, grid[1] * side / height)
        # The side that follows is rounded down from the one that is scaled.
        ratio = width / height
        now = floor(scale * width / ratio) if ratio > 1 else floor(scale * height * ratio)
        if best is None or now >= shorter:
            best, shorter = grid, now
    if best is not None:
        return best
    asked = width / height
    if asked >= 1:
        near = max(k for k in ratios if k <= asked)
        return max(ratios[near], key=lambda g: g[0])
    above = [k for k in ratios if k > asked]
    near = min(above, key=lambda k: abs(1 / k - 1 / asked))
    return max(ratios[near], key=lambda g: g[1])


def listed(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """Of the listed sizes the one that keeps most of the picture and wastes least (select_best_resolution)."""
    best, kept, wasted = (side, side), 0, float("inf")
    for high, wide in tiles.shapes:
        scale = min(wide / width, high / height)
        effective = min(int(width * scale) * int(height * scale), width * height)
        waste = high * wide - effective
        if effective > kept or (effective == kept and waste < wasted):
            best, kept, wasted = (high, wide), effective, waste
    return best[1] // side, best[0] // side


def longest(tiles: Tiles, height: int, width: int, side: int) -> Grid:
    """The longer side is ``most`` tiles, the other as many as its length asks for (models/idefics3)."""
    long = tiles.most * side
    ratio = width / height
    if width >= height:
        short = int(long / ratio)
        return tiles.most, max(1, ceil((short + short % 2) / side))
    short = int(long * ratio)
    return max(1, ceil((short + short % 2) / side)), tiles.most


GRIDS = {
    "closest": closest,
    "covering": covering,
    "canvas": canvas,
    "enlarging": enlarging,
    "filling": filling,
    "listed": listed,
    "longest": longest,
}
