"""What the processors of models that cut pictures into tiles do, as facts: config.json states little of it."""

from __future__ import annotations

from math import isqrt

from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Film, Images, Tiles


def any_resolution(
    c: Config, images: Images | None, default: tuple[tuple[int, int], ...], *, shrunk: int = 0
) -> Images | None:
    """Tiles in one of the listed sizes, joined without their padding (LLaVA-NeXT and its kin).

    Args:
        images: a view of the whole, as many tokens as it has in the model.
        default: the class default of ``image_grid_pinpoints``.

    Raises:
        ConfigError: ``image_grid_pinpoints`` lists something else than sizes.
    """
    if images is None or not _fixed(images):
        return None
    given = c.list("image_grid_pinpoints")
    shapes = default if given is None else tuple(_pair(pair) for pair in given)
    if not shapes:
        raise ConfigError("image_grid_pinpoints should list sizes.", "Check the config.json.")
    if min(min(shape) for shape in shapes) < images.size[0]:
        return None  # made for a tower of another size
    most = max(high * wide for high, wide in shapes) // images.size[0] ** 2
    tiles = Tiles("listed", most, shapes=shapes, tokens=images.patches, layout="unpadded", shrunk=shrunk)
    return images._replace(tiles=tiles)


def _pair(pair: object) -> tuple[int, int]:
    if isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, int) and 0 < n < 1 << 20 for n in pair):
        return pair[0], pair[1]
    raise ConfigError("image_grid_pinpoints should be pairs of pixels.", "Check the config.json.")


def shuffled(images: Images | None, by: int) -> Images | None:
    """Neighbouring patches, ``by`` on each side, become one token of a fixed view."""
    if images is None or not _fixed(images):
        return None
    return images._replace(tokens=(isqrt(images.patches) // by) ** 2)


def split(images: Images | None) -> Images | None:
    """The longer side in four tiles, each and the whole between marks, every row ended (Idefics 3 and its kin)."""
    return beside_whole(images, Tiles("longest", 4, each=2, row=1), around=3)


def dynamic(c: Config, images: Images | None) -> Images | None:
    """Up to twelve tiles in the ratio nearest to the picture's; a frame of a film is not cut (InternVL and its kin)."""
    tokens = c.int("image_seq_length", default=256)
    cut = beside_whole(images, Tiles("closest", 12), around=2)
    return cut and cut._replace(tokens=tokens, film=Film(patches=cut.patches, tokens=tokens + 2))


def beside_whole(images: Images | None, tiles: Tiles, *, around: int) -> Images | None:
    """Tiles beside a view of the whole.

    Args:
        around: tokens at both ends of a picture.
    """
    return images._replace(tiles=tiles, around=around) if images and _fixed(images) else None


def _fixed(images: Images) -> bool:
    """Whether every view has the same patches, one at least."""
    return not images.patch and images.patches > 0 and images.size[0] > 0
