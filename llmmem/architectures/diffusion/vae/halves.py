"""Encoder and decoder of autoencoders of pictures."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import kinds, unknown
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.unet import Level, Style, spatial_norm
from llmmem.parts.unet_levels import DECODERS, DOWN, down_level, middle, up_level

FLUX = (128, 256, 512, 512)


def _matching(c: Config, types: Sequence[str], widths: Sequence[int], known: Sequence[str]) -> None:
    for kind in types:
        if kind not in known:
            raise unknown(c, "the block", kind, known)
    if not 1 <= len(types) <= len(widths) or min(widths) < 1:
        raise ConfigError(f"{len(types)} block types for {len(widths)} widths.", "Check the config.json.")


def encoder(c: Config, latent: int, widths: Sequence[int], depth: int, default: int, *, attend: bool = True) -> Tensors:
    """From a picture to ``latent`` channels.

    Args:
        default: how many levels the class has by default.
    """
    types = kinds(c, "down_block_types", ("DownEncoderBlock2D",) * default)
    _matching(c, types, widths, [n for n in DOWN if "Cross" not in n])
    style, top = Style(None), widths[-1]
    levels = [
        Level(widths[max(i - 1, 0)], widths[i], depth, step=i < len(widths) - 1, head_dim=widths[i])
        for i in range(len(types))
    ]
    return under(
        "encoder",
        conv2d("conv_in", c.int("in_channels", default=3, least=1), widths[0]),
        *(under(f"down_blocks.{i}", down_level(types[i], level, style)) for i, level in enumerate(levels)),
        middle(top, style, head_dim=top, attend=attend),
        layer_norm("conv_norm_out", top),
        conv2d("conv_out", top, latent),
    )


def decoder(
    c: Config,
    latent: int,
    widths: Sequence[int],
    depth: int,
    default: int,
    *,
    attend: bool = True,
    spatial: bool = False,
    grouped: bool = True,
    extra: Tensors = (),
) -> Tensors:
    """From ``latent`` channels to a picture.

    Args:
        spatial: the latent scales and shifts every level (MoVQ, arXiv:2209.09002).
        grouped: a norm stands before the attention in the middle.
    """
    types = kinds(c, "up_block_types", ("UpDecoderBlock2D",) * default)
    _matching(c, types, widths, DECODERS)
    style = Style(latent, "spatial") if spatial else Style(None)
    turned = widths[::-1]
    levels = [
        Level(turned[max(i - 1, 0)], turned[i], depth + 1, step=i < len(widths) - 1, head_dim=turned[i])
        for i in range(len(types))
    ]
    return under(
        "decoder",
        conv2d("conv_in", latent, turned[0]),
        middle(turned[0], style, head_dim=turned[0], attend=attend, grouped=grouped),
        *(under(f"up_blocks.{i}", up_level(types[i], level, style)) for i, level in enumerate(levels)),
        extra,
        spatial_norm("conv_norm_out", widths[0], latent) if spatial else layer_norm("conv_norm_out", widths[0]),
        conv2d("conv_out", widths[0], c.int("out_channels", default=3, least=1)),
    )
