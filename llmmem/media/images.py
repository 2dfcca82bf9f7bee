"""What a picture or a film becomes: views for the tower, tokens for the language model."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from math import isqrt
from typing import NamedTuple

from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.media.resize import FITS
from llmmem.media.tiles import GRIDS, grids
from llmmem.tensors import Film, Images, ModelSpec, Tiles


class Seen(NamedTuple):
    """One picture, or one film."""

    #: how often the tower looks, and the patches it sees each time
    views: int
    patches: int
    #: what the language model gets
    tokens: int
    #: the tiles, for people: "2 x 3 tiles"
    layout: str = ""


def images_of(spec: ModelSpec, option: str) -> Images:
    """How the model's pictures become tokens.

    Args:
        option: what asked for them, for messages.

    Raises:
        LayoutError: the model takes no pictures.
        UnsupportedArchitectureError: it takes pictures, but their number of tokens is not known.
    """
    if spec.images is not None:
        return spec.images
    if any(block.component == "vision" for block in spec.blocks):
        raise UnsupportedArchitectureError(
            f"{option}: how many tokens a picture becomes in a {spec.model_type} is not known to llmmem yet.",
            f"Leave {option} out and add the pictures' tokens to --context.",
        )
    if spec.encoder_length:
        read = f"{spec.model_type} reads one input of {spec.encoder_length:,} tokens a request anyway"
        raise LayoutError(f"{option}: {read}.", f"Leave {option} out.")
    raise LayoutError(f"{option}: {spec.model_type} takes no pictures.", f"Leave {option} out.")


def picture(images: Images, size: tuple[int, int] | None) -> Seen:
    """One picture.

    Args:
        size: (height, width) in pixels; None: the size the model was made for, or the largest it takes.

    Raises:
        LayoutError: sides that the model's processor refuses.
    """
    return _whole(images, size) if images.tiles is None else _tiled(images, images.tiles, size)


def film(spec: ModelSpec, frames: int, size: tuple[int, int] | None) -> Seen:
    """One film.

    Raises:
        LayoutError: the model takes no films, or no such sides.
        UnsupportedArchitectureError: how many tokens a film becomes is not known.
    """
    images = images_of(spec, "--video-frames")
    rule = images.film
    if rule is None:
        raise UnsupportedArchitectureError(
            f"--video-frames: llmmem does not know that a {spec.model_type} takes films, or how.",
            "Leave --video-frames out, or give the frames as pictures with --images.",
        )
    steps = -(-frames // rule.every)
    if rule.tokens:
        return Seen(frames, rule.patches, frames * rule.tokens + rule.around)
    seen = _whole(_frame(images, rule, frames), size)
    return Seen(steps, seen.patches, steps * seen.tokens + rule.around)


def _frame(images: Images, rule: Film, frames: int) -> Images:
    """The rule for one frame of a film: how many pixels it may have may depend on how many there are."""
    most = rule.max_pixels // frames if rule.bound == "shared" else rule.max_pixels
    merge = rule.merge or images.merge
    bounded = images._replace(patches=rule.patches, min_pixels=rule.min_pixels, max_pixels=most, merge=merge)
    if rule.bound != "film":
        return bounded
    # Bounds are those of all frames, rounded to whole steps where they are compared.
    return bounded._replace(fit="film", size=(frames, round(frames / rule.every) * rule.every))


def _whole(images: Images, size: tuple[int, int] | None) -> Seen:
    """A picture that is not cut."""
    if not images.patch:
        return Seen(1, images.patches, images.tokens + images.around)
    rows, columns = _largest(images) if size is None else FITS[images.fit](images, *size)
    patches = images.patches or rows * columns * images.merge * images.merge
    return Seen(1, patches, rows * (columns + images.line) + images.around)


def _largest(images: Images) -> tuple[int, int]:
    """A grid of as many cells as there may be."""
    if images.fit.startswith("boxed"):
        return FITS[images.fit](images, *images.size)
    step = images.patch * images.merge
    most = images.max_pixels // images.size[1] if images.fit == "film" else images.max_pixels
    cells = max(1, most // (step * step))
    if images.fit == "shrunk":  # sides are filled up to whole cells
        return isqrt(cells) + 1, isqrt(cells) + 1
    # Lines end with a token of their own; pictures near a square are taken.
    rows = isqrt(cells) if images.line else 1
    return rows, cells // rows


def _tiled(images: Images, tiles: Tiles, size: tuple[int, int] | None) -> Seen:
    """Tiles beside a view of the whole; without a size, the shape of most tokens."""
    side = tiles.side or images.size[0]
    if size is None:
        sizes = tiles.shapes or tuple((r * side, c * side) for c, r in grids(tiles.least, tiles.most))
        return max((_tiled(images, tiles, own) for own in sizes), key=lambda seen: seen.tokens)
    whole = _whole(images, size)
    if tiles.above and _pixels(images, *size) <= tiles.above * images.max_pixels:
        return whole
    columns, rows = GRIDS[tiles.grid](tiles, *size, side)
    if rows * columns == 1 and tiles.grid not in ALWAYS:
        return whole
    own = images.tokens if tiles.tokens is None else tiles.tokens
    if tiles.layout == "tiles":
        line = columns * (own + tiles.each) + (columns - 1) * tiles.between + tiles.row
        tokens = rows * line
    else:
        high, wide = LAYOUTS[tiles.layout](tiles, isqrt(own), side, size, (rows, columns))
        tokens = high * (wide + 1)
    layout = f"{columns} x {rows} tiles and the whole"
    return Seen(1 + rows * columns, whole.patches, whole.tokens + tiles.whole + tokens, layout)


def _pixels(images: Images, height: int, width: int) -> int:
    """Pixels of a picture whose sides are rounded to cells, and a patch at least."""
    step = images.patch * images.merge
    return max(images.patch, round(height / step) * step) * max(images.patch, round(width / step) * step)


def _unpadded(tiles: Tiles, cells: int, side: int, size: tuple[int, int], grid: tuple[int, int]) -> tuple[int, int]:
    """The tiles' tokens as one grid of which padding is cut off (models/llava_next, models/llava_onevision)."""
    (rows, columns), (height, width) = grid, size
    high, wide = cells * rows, cells * columns
    if width / height > wide / high:
        high -= (high - int(round(height * (wide / width), 7))) // 2 * 2
    else:
        wide -= (wide - int(round(width * (high / height), 7))) // 2 * 2
    if tiles.shrunk:
        ratio = (high * wide / (tiles.shrunk * cells**2)) ** 0.5
        if ratio > 1.1:
            high, wide = int(high // ratio), int(wide // ratio)
    return high, wide


def _masked(tiles: Tiles, cells: int, side: int, size: tuple[int, int], grid: tuple[int, int]) -> tuple[int, int]:
    """The same where whole patches of padding are left out before two by two become one (phi4_multimodal)."""
    (rows, columns), (height, width) = grid, size
    patch = side // (2 * cells)
    high, wide = 2 * cells * rows, 2 * cells * columns
    across, along = columns * side / width, rows * side / height
    if min(height, width) * min(across, along) < NARROWEST:
        raise LayoutError(
            f"--image-size {width}x{height}: less than {NARROWEST} pixels are left of one side, which the model's"
            " processor refuses.",
            "Give a picture with sides closer to each other.",
        )
    if across < along:
        high -= (rows * side - int(height * across)) // patch
    else:
        wide -= (columns * side - int(width * along)) // patch
    return -(-high // 2), -(-wide // 2)


#: pixels of a side that phi4_multimodal's processor takes at least
NARROWEST = 10
#: rules that cut a picture even into one tile
ALWAYS = ("covering", "longest", "filling", "listed")
LAYOUTS = {"unpadded": _unpadded, "masked": _masked}
