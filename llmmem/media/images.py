"""How many patches and tokens one picture becomes."""

from __future__ import annotations

from math import floor, sqrt

from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.tensors import ModelSpec


def image_grid(spec: ModelSpec, size: tuple[int, int] | None) -> tuple[int, int]:
    """Patches the tower sees and tokens the language model gets from one picture.

    Args:
        size: (height, width) in pixels; None: the size the model was made for, or the largest it takes.

    Raises:
        LayoutError: the model takes no pictures.
        UnsupportedArchitectureError: it takes pictures, but their number of tokens is not known.
    """
    images = spec.images
    if images is None and spec.encoder_length:
        read = f"{spec.model_type} reads one input of {spec.encoder_length:,} tokens a request anyway"
        raise LayoutError(f"--images: {read}.", "Leave --images out.")
    if images is None and any(block.component == "vision" for block in spec.blocks):
        raise UnsupportedArchitectureError(
            f"--images: how many tokens a picture becomes in a {spec.model_type} is not known to llmmem yet.",
            "Leave --images out and add the pictures' tokens to --context.",
        )
    if images is None:
        raise LayoutError(f"--images: {spec.model_type} takes no pictures.", "Leave --images out.")
    if not images.patch:
        return images.patches, images.tokens
    step = images.patch * images.merge
    if size is None:
        cells = images.max_pixels // (step * step)
    else:
        height, width = _smart_resize(size[0], size[1], step, images.min_pixels, images.max_pixels)
        cells = (height // step) * (width // step)
    return cells * images.merge * images.merge, cells


def _smart_resize(height: int, width: int, step: int, least: int, most: int) -> tuple[int, int]:
    """Sides rounded to ``step``, area kept between ``least`` and ``most`` pixels (Qwen2-VL's image processor)."""
    h, w = max(step, round(height / step) * step), max(step, round(width / step) * step)
    if h * w > most:
        shrink = sqrt(height * width / most)
        h = max(step, floor(height / shrink / step) * step)
        w = max(step, floor(width / shrink / step) * step)
    elif h * w < least:
        grow = sqrt(least / (height * width))
        h = -(-int(height * grow) // step) * step
        w = -(-int(width * grow) // step) * step
    return h, w
