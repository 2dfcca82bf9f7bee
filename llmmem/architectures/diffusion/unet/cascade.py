"""Stable Cascade: prior (stage C) and decoder (stage B) of Wuerstchen's kind."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.diffusion.base import component, kinds, per_block, sizes, unknown, whole
from llmmem.config import MOST_LAYERS, Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import attention
from llmmem.parts.modules import conv2d, dense, gather, under, up2d
from llmmem.tensors import Block, ModelSpec

TYPES = ("SDCascadeResBlock", "SDCascadeTimestepBlock", "SDCascadeAttnBlock")


def residual(width: int, skip: int, kernel: int) -> Tensors:
    """A convolution per channel and a feed-forward with response norm (arXiv:2301.00808)."""
    return (
        *conv2d("depthwise", width, width, kernel, groups=width),
        *dense("channelwise.0", width + skip, 4 * width),
        *scalars("channelwise.2.gamma", 1, 1, 1, 4 * width),
        *scalars("channelwise.2.beta", 1, 1, 1, 4 * width),
        *dense("channelwise.4", 4 * width, width),
    )


def _block(c: Config, kind: Any, width: int, heads: int, skip: int) -> Tensors:
    if kind == TYPES[0]:
        return residual(width, skip, c.int("kernel_size", default=3, least=1))
    if kind == TYPES[1]:
        time = c.int("timestep_ratio_embedding_dim", default=64, least=1)
        names = kinds(c, "timestep_conditioning_type", ("sca", "crp"))
        return gather(dense(n, time, 2 * width) for n in ("mapper", *(f"mapper_{n}" for n in names)))
    if kind != TYPES[2]:
        raise unknown(c, "block_types_per_layer", kind, TYPES)
    inner = divide(c, "channels over num_attention_heads", width, heads) * heads
    text = c.int("conditioning_dim", default=2048, least=1)
    return (*attention("attention", width, inner, bias=True), *dense("kv_mapper.1", text, width))


def _stem(c: Config, width: int) -> list[Tensors]:
    text, length = c.int("conditioning_dim", default=2048, least=1), c.int("clip_seq", default=4, least=1)
    maps = []
    for name, key in (("effnet_mapper", "effnet_in_channels"), ("pixels_mapper", "pixel_mapper_in_channels")):
        inputs = c.optional(key)
        if inputs is not None:
            maps.append(under(name, conv2d("0", inputs, 4 * width, 1), conv2d("2", 4 * width, width, 1)))
    maps.append(dense("clip_txt_pooled_mapper", c.int("clip_text_pooled_in_channels", default=1280), text * length))
    for name, key, out in (
        ("clip_txt_mapper", "clip_text_in_channels", text),
        ("clip_img_mapper", "clip_image_in_channels", text * length),
    ):
        inputs = c.optional(key)
        if inputs is not None:
            maps.append(dense(name, inputs, out))
    return maps


def stable_cascade(c: Config, head: str | None = None) -> ModelSpec:
    """StableCascadeUNet (arXiv:2306.00637; diffusers 0.42, models/unets/unet_stable_cascade.py)."""
    widths = sizes(c, "block_out_channels", (2048, 2048))
    if not widths or min(widths) < 1:
        raise ConfigError("block_out_channels should list widths above zero.", "Check the config.json.")
    count, patch = len(widths), c.int("patch_size", default=1, least=1)
    many = [whole("num_attention_heads", v, 0) for v in per_block(c, "num_attention_heads", count, 32)]
    types = c.list("block_types_per_layer") or [list(TYPES)] * count
    if len(types) != count or not all(isinstance(t, list | tuple) for t in types):
        raise ConfigError(f"block_types_per_layer should list those of {count} levels.", "Check the config.json.")
    deep = {
        w: per_block(c, f"{w}_num_layers_per_block", count, (8, 24) if w == "down" else (24, 8)) for w in ("down", "up")
    }
    again = {w: per_block(c, f"{w}_blocks_repeat_mappers", count, 1) for w in ("down", "up")}
    plain = c.get("switch_level") is None
    blocks: list[Block | Tensors] = [*_stem(c, widths[0])]
    blocks.append(conv2d("embedding.1", c.int("in_channels", default=16, least=1) * patch**2, widths[0], 1))
    for place in range(2 * count):
        way, i = ("down", place) if place < count else ("up", 2 * count - 1 - place)
        at = place if way == "down" else place - count  # levels on the way up are counted from the deepest
        width = widths[i]
        if way == "down" and i:
            step = conv2d("1", widths[i - 1], width, 2) if plain else conv2d("1.blocks.0", widths[i - 1], width, 1)
            blocks.append(under(f"down_downscalers.{i}", step))
        if way == "up" and i:
            step = up2d("1", width, widths[i - 1], 2) if plain else conv2d("1.blocks.1", width, widths[i - 1], 1)
            blocks.append(under(f"up_upscalers.{at}", step))
        own: list[Tensors] = []
        for j in range(whole(f"{way}_num_layers_per_block", deep[way][at], 0, MOST_LAYERS)):
            for k, kind in enumerate(types[i]):
                skip = width if way == "up" and i < count - 1 and j == k == 0 else 0
                own.append(under(f"{len(own)}", _block(c, kind, width, many[i], skip)))
        blocks.append(under(f"{way}_blocks.{at}", *own))
        for n in range(whole(f"{way}_blocks_repeat_mappers", again[way][at], most=MOST_LAYERS) - 1):
            blocks.append(conv2d(f"{way}_repeat_mappers.{at}.{n}", width, width, 1))
    blocks.append(conv2d("clf.1", widths[0], c.int("out_channels", default=16, least=1) * patch**2, 1))
    return component(c, "unet", *blocks, hidden=widths[0])
