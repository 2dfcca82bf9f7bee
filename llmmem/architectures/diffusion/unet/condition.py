"""UNets that read a prompt: Stable Diffusion 1, 2 and XL, Kandinsky, DeepFloyd IF, unCLIP decoders, upscalers."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, per_block, unknown, whole
from llmmem.architectures.diffusion.unet.embeddings import condition_embeddings, time_embedding
from llmmem.architectures.diffusion.unet.levels import channels, depths, heads, names, readers, way_down, way_up
from llmmem.config import MOST_LAYERS, Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.unet import Level, Style, resnet
from llmmem.parts.unet_levels import cross_middle
from llmmem.tensors import ModelSpec

DOWN = ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
UP = ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")
WIDTHS = (320, 640, 1280, 1280)
GATED = ("gated", "gated-text-image")


def unet_2d_condition(c: Config, head: str | None = None) -> ModelSpec:
    """UNet2DConditionModel (diffusers 0.42, models/unets/unet_2d_condition.py), and AudioLDM 2's."""
    down, up = names(c, "down_block_types", DOWN), names(c, "up_block_types", UP)
    count = len(down)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    widths = channels(c, WIDTHS, count)
    time, stem = time_embedding(c, widths[0])
    style = unet_style(c, time * (2 if c.bool("class_embeddings_concat") else 1))
    many, sides = heads(c, count, 8, widths)
    layers = [whole("layers_per_block", v, most=MOST_LAYERS) for v in per_block(c, "layers_per_block", count, 2)]
    read = per_block(c, "cross_attention_dim", count, 1280)
    several = [readers(v) for v in read]
    cross = [None if more else whole("cross_attention_dim", v) for v, more in zip(read, several, strict=True)]
    only = [bool(v) for v in per_block(c, "only_cross_attention", count, False)]
    tall = per_block(c, "transformer_layers_per_block", count, 1)
    down_levels = [
        Level(
            widths[max(i - 1, 0)],
            widths[i],
            layers[i],
            step=i < count - 1,
            depths=depths(tall[i], layers[i]),
            heads=many[i],
            head_dim=sides[i],
            cross=cross[i],
            only_cross=only[i],
            several=several[i],
        )
        for i in range(count)
    ]
    reverse = c.list("reverse_transformer_layers_per_block")
    tall_up = tall[::-1] if reverse is None else reverse
    if len(tall_up) != count:
        raise unknown(c, "reverse_transformer_layers_per_block of length", len(tall_up))
    turned = widths[::-1]
    up_levels = [
        Level(
            turned[min(i + 1, count - 1)],
            turned[i],
            layers[-1 - i] + 1,
            step=i < count - 1,
            previous=turned[max(i - 1, 0)],
            depths=depths(tall_up[i], layers[-1 - i] + 1),
            heads=many[-1 - i],
            head_dim=sides[i],  # as the class has it: the list is not turned round
            cross=cross[-1 - i],
            only_cross=only[-1 - i],
            several=several[-1 - i],
        )
        for i in range(count)
    ]
    kernel_in, kernel_out = c.int("conv_in_kernel", default=3, least=1), c.int("conv_out_kernel", default=3, least=1)
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0], kernel_in),
        stem,
        condition_embeddings(c, time, widths[0], 1280 if several[0] else read[0] or 1280),
        *way_down(down, down_levels, style),
        _middle(c, down_levels[-1], style),
        *way_up(up, up_levels, style),
        layer_norm("conv_norm_out", widths[0]) if c.optional("norm_num_groups", default=32) is not None else (),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1), kernel_out),
        hidden=widths[0],
    )


def unet_style(c: Config, temb: int) -> Style:
    """What all levels share."""
    shift = c.str("resnet_time_scale_shift", default="default")
    if shift not in ("default", "scale_shift"):
        raise unknown(c, "resnet_time_scale_shift", shift, ("default", "scale_shift"))
    norm = c.str("cross_attention_norm") or None
    if norm not in (None, "layer_norm", "group_norm"):
        raise unknown(c, "cross_attention_norm", norm, ("layer_norm", "group_norm"))
    return Style(
        temb,
        shift,
        linear=c.bool("use_linear_projection"),
        dual=c.bool("dual_cross_attention"),
        gated=c.str("attention_type", default="default") in GATED,
        cross_norm=norm,
    )


def _middle(c: Config, level: Level, style: Style) -> Tensors:
    kind = c.get("mid_block_type") if c.has("mid_block_type") else "UNetMidBlock2DCrossAttn"
    if kind is None:
        return ()
    if kind == "UNetMidBlock2D":
        return under("mid_block", resnet("resnets.0", level.outputs, level.outputs, style.temb, style.shift))
    if kind not in ("UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn"):
        raise unknown(c, "mid_block_type", kind, ("UNetMidBlock2DCrossAttn", "UNetMidBlock2DSimpleCrossAttn"))
    only = False
    if kind == "UNetMidBlock2DSimpleCrossAttn":
        every = c.get("only_cross_attention")
        only = c.bool("mid_block_only_cross_attention", default=every if isinstance(every, bool) else False)
    return cross_middle(kind, level._replace(inputs=level.outputs, only_cross=only), style)
