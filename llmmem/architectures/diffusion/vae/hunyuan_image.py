"""HunyuanImage's autoencoder: residual shortcuts around its steps hold no weights."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.unet import resnet
from llmmem.tensors import ModelSpec


def _middle(width: int) -> Tensors:
    attend = (layer_norm("norm", width), *(conv2d(n, width, width, 1) for n in ("to_q", "to_k", "to_v", "proj")))
    return under(
        "mid_block",
        resnet("resnets.0", width, width, None),
        under("attentions.0", *attend),
        resnet("resnets.1", width, width, None),
    )


def _levels(way: str, widths: Sequence[int], depth: int, ratio: int, match: bool) -> list[Tensors]:
    """Blocks in one row; a step brings the next level's width where ``match``."""
    tensors: list[Tensors] = []
    inputs, index = widths[0], 0
    for i, width in enumerate(widths):
        for _ in range(depth):
            tensors.append(resnet(f"{way}_blocks.{index}", inputs, width, None))
            inputs, index = width, index + 1
        if 2**i < ratio and i < len(widths) - 1:
            out = widths[i + 1] if match else width
            size = out // 4 if way == "down" else out * 4
            tensors.append(conv2d(f"{way}_blocks.{index}.conv", inputs, size))
            inputs, index = out, index + 1
    return tensors


def autoencoder_kl_hunyuan_image(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLHunyuanImage (diffusers 0.42, models/autoencoders/autoencoder_kl_hunyuanimage.py)."""
    widths, depth = c.ints("block_out_channels", least=1), c.int("layers_per_block", least=1)
    if not widths:
        raise c.missing("block_out_channels")
    latent, ratio = c.int("latent_channels", least=1), c.int("spatial_compression_ratio", least=1)
    down, up = c.bool("downsample_match_channel", default=True), c.bool("upsample_match_channel", default=True)
    turned = widths[::-1]
    return component(
        c,
        "vae",
        under(
            "encoder",
            conv2d("conv_in", c.int("in_channels", least=1), widths[0]),
            *_levels("down", widths, depth, ratio, down),
            _middle(widths[-1]),
            layer_norm("norm_out", widths[-1]),
            conv2d("conv_out", widths[-1], 2 * latent),
        ),
        under(
            "decoder",
            conv2d("conv_in", latent, turned[0]),
            _middle(turned[0]),
            *_levels("up", turned, depth + 1, ratio, up),
            layer_norm("norm_out", turned[-1]),
            conv2d("conv_out", turned[-1], c.int("out_channels", least=1)),
        ),
    )
