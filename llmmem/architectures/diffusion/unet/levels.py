"""The levels of a two-dimensional UNet as its config spells them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmmem.architectures.diffusion.base import kinds, per_block, sizes, unknown, whole
from llmmem.config import MOST_LAYERS, Config
from llmmem.errors import ConfigError
from llmmem.parts.unet import Level, Style
from llmmem.parts.unet_levels import DOWN, K_DOWN, K_UP, UP, down_level, up_level
from llmmem.tensors import Block


def channels(c: Config, default: Sequence[int], blocks: int) -> list[int]:
    """block_out_channels, one for each block.

    Raises:
        ConfigError: another number of them.
    """
    widths = sizes(c, "block_out_channels", default)
    if len(widths) != blocks or min(widths) < 1:
        raise ConfigError(
            f"block_out_channels has {len(widths)} entries for {blocks} blocks.", "Check the config.json."
        )
    return widths


def names(c: Config, key: str, default: Sequence[str]) -> list[str]:
    """down_block_types or up_block_types, older spellings included.

    Raises:
        UnsupportedArchitectureError: a kind of block without a description.
    """
    known = (*DOWN, *K_DOWN) if key == "down_block_types" else (*UP, *K_UP)
    found = [n.removeprefix("UNetRes") for n in kinds(c, key, default)]
    for n in found:
        if n not in known:
            raise unknown(c, key, n, known)
    return found


def depths(value: Any, count: int) -> list[int]:
    """Transformer blocks in each attention of a level: one number for all, or one each.

    Raises:
        ConfigError: too few of them.
    """
    found = list(value) if isinstance(value, list | tuple) else [value] * min(count, MOST_LAYERS)
    if len(found) < count:
        raise ConfigError(
            f"transformer_layers_per_block gives {len(found)} for {count} layers.", "Check the config.json."
        )
    return [whole("transformer_layers_per_block", v, 0, MOST_LAYERS) for v in found]


def heads(c: Config, blocks: int, default: Any, widths: Sequence[int]) -> tuple[list[int], list[int]]:
    """Heads and their widths for each block: early configs give the number of heads in ``attention_head_dim``."""
    sides = per_block(c, "attention_head_dim", blocks, default)
    count = per_block(c, "num_attention_heads", blocks, None)
    given = any(v is not None for v in count)
    # null is the whole width, and as a number of heads one
    wide = [w if v is None else whole("attention_head_dim", v) for v, w in zip(sides, widths, strict=True)]
    many = [whole("num_attention_heads", v) for v in count] if given else [1 if v is None else v for v in sides]
    return [whole("attention_head_dim", v) for v in many], wide


def way_down(types: Sequence[str], levels: Sequence[Level], style: Style) -> list[Block]:
    """down_blocks."""
    return [
        Block("", f"down_blocks.{i}.", down_level(kind, level, style))
        for i, (kind, level) in enumerate(zip(types, levels, strict=True))
    ]


def way_up(types: Sequence[str], levels: Sequence[Level], style: Style) -> list[Block]:
    """up_blocks."""
    return [
        Block("", f"up_blocks.{i}.", up_level(kind, level, style))
        for i, (kind, level) in enumerate(zip(types, levels, strict=True))
    ]


def readers(value: object) -> tuple[int | None, ...]:
    """What AudioLDM 2's attentions of one level read, where there are several of them."""
    if not isinstance(value, list):
        return ()
    return tuple(None if v is None else whole("cross_attention_dim", v) for v in value)
