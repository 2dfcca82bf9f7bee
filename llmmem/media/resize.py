"""The grid that a picture becomes where it follows the picture's own sides.

Each rule takes the sides of a picture in pixels and gives the grid in cells, which become tokens; sources are the image
processors of transformers 5.23.
"""

from __future__ import annotations

from math import ceil, floor, sqrt

from llmmem.errors import LayoutError
from llmmem.tensors import Images

#: sides further apart are refused by the processors themselves
MOST_RATIO = 200


def area(images: Images, height: int, width: int) -> tuple[int, int]:
    """Sides rounded to cells, the area kept between two bounds (models/qwen2_vl, smart_resize)."""
    step, least, most = images.patch * images.merge, images.min_pixels, images.max_pixels
    _check(height, width)
    return _bounded(height, width, round(height / step), round(width / step), step, least, most)


def _check(height: int, width: int) -> None:
    if max(height, width) > MOST_RATIO * min(height, width):
        raise LayoutError(
            f"--image-size {width}x{height}: one side is over {MOST_RATIO} times the other, which the model's processor"
            " refuses.",
            "Give a picture with sides closer to each other.",
        )


def _bounded(height: int, width: int, rows: int, columns: int, step: int, least: int, most: int) -> tuple[int, int]:
    if rows * columns * step * step > most:
        shrink = sqrt(height * width / most)
        return max(1, floor(height / shrink / step)), max(1, floor(width / shrink / step))
    if rows * columns * step * step < least:
        grow = sqrt(least / (height * width))
        return ceil(height * grow / step), ceil(width * grow / step)
    return rows, columns


def lifted(images: Images, height: int, width: int) -> tuple[int, int]:
    """The same of a picture that is enlarged until no side is below a cell (models/glm4v, smart_resize)."""
    step = images.patch * images.merge
    if height < step or width < step:
        scale = max(step / height, step / width)
        height, width = int(height * scale), int(width * scale)
    return area(images, height, width)


def stretched(images: Images, height: int, width: int) -> tuple[int, int]:
    """The same, one side after the other (models/paddleocr_vl, smart_resize)."""
    step = images.patch * images.merge
    if height < step:
        width, height = round(width * step / height), step
    if width < step:
        height, width = round(height * step / width), step
    return area(images, height, width)


def whole_cells(images: Images, height: int, width: int) -> tuple[int, int]:
    """The same of a picture whose sides are a cell at least before the bounds are looked at (models/lfm2_vl)."""
    step = images.patch * images.merge
    rows, columns = max(1, round(height / step)), max(1, round(width / step))
    return _bounded(height, width, rows, columns, step, images.min_pixels, images.max_pixels)


def boxed(images: Images, height: int, width: int) -> tuple[int, int]:
    """Shrunk into a box where it is larger, sides rounded up to cells (models/pixtral)."""
    step = images.patch * images.merge
    height, width = _into(images.size, height, width)
    return -(-height // step), -(-width // step)


def boxed_patches(images: Images, height: int, width: int) -> tuple[int, int]:
    """The same, sides rounded up to patches and then down to cells (models/lighton_ocr)."""
    height, width = _into(images.size, height, width)
    return -(-height // images.patch) // images.merge, -(-width // images.patch) // images.merge


def _into(box: tuple[int, int], height: int, width: int) -> tuple[int, int]:
    ratio = max(height / box[0], width / box[1])
    return (int(height / ratio), int(width / ratio)) if ratio > 1 else (height, width)


def filled(images: Images, height: int, width: int) -> tuple[int, int]:
    """Enlarged or shrunk to the most pixels there may be, sides rounded down to cells (models/gemma4)."""
    step = images.patch * images.merge
    scale = sqrt(images.max_pixels / (height * width))
    rows, columns = floor(scale * height / step), floor(scale * width / step)
    most = images.max_pixels // (step * step)
    if not rows:
        return 1, max(1, min(width // height, most))
    if not columns:
        return min(height // width, most), 1
    return rows, columns


def shrunk(images: Images, height: int, width: int) -> tuple[int, int]:
    """Never enlarged, within so many patches and a longest side of ``size`` patches, padded to cells (kimi_k25)."""
    patch, step = images.patch, images.patch * images.merge
    patches = max(1, height // patch) * max(1, width // patch)
    most = images.max_pixels // (patch * patch)
    high, wide = images.size[0] * patch, images.size[1] * patch
    scale = min(1.0, sqrt(most / patches), high / height, wide / width)
    height, width = min(max(1, int(height * scale)), high), min(max(1, int(width * scale)), wide)
    return -(-height // step), -(-width // step)


def film(images: Images, height: int, width: int) -> tuple[int, int]:
    """A frame of a film whose bounds are those of all ``size`` frames together (models/qwen3_vl, smart_resize)."""
    frames, whole = images.size
    if frames < 2:
        raise LayoutError("--video-frames: this model's processor takes films of 2 frames or more.", "Give more.")
    step = images.patch * images.merge
    if height < step or width < step:
        scale = max(step / height, step / width)
        height, width = int(height * scale), int(width * scale)
    _check(height, width)
    rows, columns = round(height / step), round(width / step)
    pixels = whole * rows * columns * step * step
    if pixels > images.max_pixels:
        shrink = sqrt(frames * height * width / images.max_pixels)
        return max(1, floor(height / shrink / step)), max(1, floor(width / shrink / step))
    if pixels < images.min_pixels:
        grow = sqrt(images.min_pixels / (frames * height * width))
        return ceil(height * grow / step), ceil(width * grow / step)
    return rows, columns


FITS = {
    "area": area,
    "lifted": lifted,
    "stretched": stretched,
    "whole cells": whole_cells,
    "boxed": boxed,
    "boxed patches": boxed_patches,
    "filled": filled,
    "shrunk": shrunk,
    "film": film,
}
