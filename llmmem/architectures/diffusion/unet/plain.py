"""UNets without a prompt: DDPM and score models, upscalers of unCLIP, latents of audio."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, unknown
from llmmem.architectures.diffusion.unet.embeddings import class_embedding
from llmmem.architectures.diffusion.unet.levels import channels, names, way_down, way_up
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, scalars
from llmmem.parts.denoise import two_layers
from llmmem.parts.modules import conv2d, layer_norm
from llmmem.parts.unet import Level, Style
from llmmem.parts.unet_levels import middle
from llmmem.tensors import ModelSpec

DOWN = ("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D")
UP = ("AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D")
WIDTHS = (224, 448, 672, 896)


def unet_2d(c: Config, head: str | None = None) -> ModelSpec:
    """UNet2DModel (diffusers 0.42, models/unets/unet_2d.py)."""
    down, up = names(c, "down_block_types", DOWN), names(c, "up_block_types", UP)
    count = len(down)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    widths = channels(c, WIDTHS, count)
    time = c.int("time_embedding_dim", default=0) or 4 * widths[0]
    inputs, stem = _time(c, widths[0])
    shift = c.str("resnet_time_scale_shift", default="default")
    if shift not in ("default", "scale_shift"):
        raise unknown(c, "resnet_time_scale_shift", shift, ("default", "scale_shift"))
    side = c.optional("attention_head_dim", default=8)
    layers = c.count("layers_per_block", default=2, least=1)
    turned = widths[::-1]
    down_levels = [
        Level(widths[max(i - 1, 0)], widths[i], layers, step=i < count - 1, head_dim=side or widths[i])
        for i in range(count)
    ]
    up_levels = [
        Level(
            turned[min(i + 1, count - 1)],
            turned[i],
            layers + 1,
            step=i < count - 1,
            previous=turned[max(i - 1, 0)],
            head_dim=side or turned[i],
        )
        for i in range(count)
    ]
    style = Style(time, shift)
    mid: Tensors = ()
    if not c.has("mid_block_type") or c.get("mid_block_type") is not None:
        mid = middle(
            widths[-1],
            style,
            head_dim=side or widths[-1],
            attend=c.bool("add_attention", default=True),
            grouped=c.optional("attn_norm_num_groups") is not None or shift == "default",
        )
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=3, least=1), widths[0]),
        stem,
        two_layers("time_embedding", inputs, time),
        class_embedding(c, time, inputs),
        *way_down(down, down_levels, style._replace(sampler=c.str("downsample_type", default="conv"))),
        mid,
        *way_up(up, up_levels, style._replace(sampler=c.str("upsample_type", default="conv"))),
        layer_norm("conv_norm_out", widths[0]),
        conv2d("conv_out", widths[0], c.int("out_channels", default=3, least=1)),
        hidden=widths[0],
    )


def _time(c: Config, width: int) -> tuple[int, Tensors]:
    """Width of the timestep's sinusoids, and their weights where they have any."""
    kind = c.str("time_embedding_type", default="positional")
    if kind == "fourier":
        return 2 * width, scalars("time_proj.weight", width)
    if kind == "learned":
        return width, embedding("time_proj", c.int("num_train_timesteps"), width)
    if kind == "positional":
        return width, ()
    raise unknown(c, "time_embedding_type", kind, ("positional", "fourier", "learned"))
