"""The autoencoders of HunyuanVideo 1.5 and of HunyuanImage's refiner, alike in every weight."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, under
from llmmem.parts.video import gamma3d, wrapped
from llmmem.tensors import ModelSpec

WIDTHS = (128, 256, 512, 1024, 1024)


def _resnet(name: str, inputs: int, outputs: int) -> Tensors:
    return under(
        name,
        gamma3d("norm1", inputs),
        wrapped("conv1", inputs, outputs),
        gamma3d("norm2", outputs),
        wrapped("conv2", outputs, outputs),
        conv3d("conv_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def _middle(width: int) -> Tensors:
    attend = (gamma3d("norm", width), *(conv3d(n, width, width, 1) for n in ("to_q", "to_k", "to_v", "proj_out")))
    return under(
        "mid_block",
        under("attentions.0", *attend),
        _resnet("resnets.0", width, width),
        _resnet("resnets.1", width, width),
    )


def _levels(way: str, widths: Sequence[int], depth: int, steps: Sequence[int], match: bool) -> list[Tensors]:
    """Levels that step by folding places into channels.

    Args:
        steps: places folded into one by each level's step; 0: it takes none.
    """
    tensors: list[Tensors] = []
    inputs = widths[0]
    for i, (width, factor) in enumerate(zip(widths, steps, strict=True)):
        own = [_resnet(f"resnets.{n}", inputs if n == 0 else width, width) for n in range(depth)]
        inputs = width
        if factor:
            inputs = widths[min(i + 1, len(widths) - 1)] if match else width
            size = inputs // factor if way == "down" else inputs * factor
            own.append(wrapped(f"{way}samplers.0.conv", width, size))
        tensors.append(under(f"{way}_blocks.{i}", *own))
    return tensors


def autoencoder_kl_hunyuan_video15(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLHunyuanVideo15 and AutoencoderKLHunyuanImageRefiner (diffusers 0.42, models/autoencoders)."""
    widths, depth = sizes(c, "block_out_channels", WIDTHS), c.int("layers_per_block", default=2, least=1)
    latent, turned = c.int("latent_channels", default=32, least=1), widths[::-1]
    space = c.int("spatial_compression_ratio", default=16, least=1)
    time = c.int("temporal_compression_ratio", default=4, least=1)
    late = log2(max(space // time, 1))
    down = [(8 if i >= late else 4) if 2**i < space else 0 for i in range(len(widths))]
    up = [8 if 2**i < time else 4 if 2**i < space else 0 for i in range(len(widths))]
    match = [c.bool(f"{way}sample_match_channel", default=True) for way in ("down", "up")]
    return component(
        c,
        "vae",
        under(
            "encoder",
            wrapped("conv_in", c.int("in_channels", default=3, least=1), widths[0]),
            *_levels("down", widths, depth, down, match[0]),
            _middle(widths[-1]),
            gamma3d("norm_out", widths[-1]),
            wrapped("conv_out", widths[-1], 2 * latent),
        ),
        under(
            "decoder",
            wrapped("conv_in", latent, turned[0]),
            _middle(turned[0]),
            *_levels("up", turned, depth + 1, up, match[1]),
            gamma3d("norm_out", turned[-1]),
            wrapped("conv_out", turned[-1], c.int("out_channels", default=3, least=1)),
        ),
    )
