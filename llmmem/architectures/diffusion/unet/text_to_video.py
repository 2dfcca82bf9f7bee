"""Text to video (ModelScope) and pictures to video (I2VGen-XL)."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.diffusion.unet.video import heads_of, stack
from llmmem.config import Config
from llmmem.parts.denoise import attention, feed_forward, two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm, under
from llmmem.parts.unet_video import temporal_transformer
from llmmem.tensors import ModelSpec


def unet_3d_condition(c: Config, head: str | None = None) -> ModelSpec:
    """UNet3DConditionModel (diffusers 0.42, models/unets/unet_3d_condition.py)."""
    heads = heads_of(c, "num_attention_heads" if c.get("num_attention_heads") is not None else "attention_head_dim")
    widths, time, blocks = stack(c, heads, c.int("cross_attention_dim", default=1024, least=1))
    extra = c.optional("time_cond_proj_dim")
    return component(
        c,
        "unet",
        conv2d("conv_in", c.int("in_channels", default=4, least=1), widths[0]),
        two_layers("time_embedding", widths[0], time),
        () if extra is None else dense("time_embedding.cond_proj", extra, widths[0], False),
        temporal_transformer("transformer_in", widths[0], 8 * c.int("attention_head_dim", default=64, least=1), 1),
        *blocks,
        layer_norm("conv_norm_out", widths[0]) if c.optional("norm_num_groups", default=32) is not None else (),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1)),
        hidden=widths[0],
    )


def i2vgen_xl(c: Config, head: str | None = None) -> ModelSpec:
    """I2VGenXLUNet (arXiv:2311.04145; diffusers 0.42, models/unets/unet_i2vgen_xl.py)."""
    cross, few = c.int("cross_attention_dim", default=1024, least=1), c.int("in_channels", default=4, least=1)
    heads = heads_of(c, "attention_head_dim")
    widths, time, blocks = stack(c, heads, cross)
    picture = (
        *conv2d("image_latents_proj_in.0", 4, 4 * few),
        *conv2d("image_latents_proj_in.2", 4 * few, 4 * few),
        *conv2d("image_latents_proj_in.4", 4 * few, few),
        *conv2d("image_latents_context_embedding.0", 4, 8 * few),
        *conv2d("image_latents_context_embedding.3", 8 * few, 16 * few),
        *conv2d("image_latents_context_embedding.5", 16 * few, cross),
        *under(
            "image_latents_temporal_encoder",
            layer_norm("norm1", few),
            attention("attn1", few, 2 * few),
            feed_forward("ff", few, act="gelu"),
        ),
    )
    return component(
        c,
        "unet",
        conv2d("conv_in", 2 * few, widths[0]),
        temporal_transformer("transformer_in", widths[0], 8 * heads[0], 1),
        picture,
        two_layers("time_embedding", widths[0], time),
        (*dense("context_embedding.0", cross, time), *dense("context_embedding.2", time, cross * few)),
        (*dense("fps_embedding.0", widths[0], time), *dense("fps_embedding.2", time, time)),
        *blocks,
        layer_norm("conv_norm_out", widths[0]),
        conv2d("conv_out", widths[0], c.int("out_channels", default=4, least=1)),
        hidden=widths[0],
    )
