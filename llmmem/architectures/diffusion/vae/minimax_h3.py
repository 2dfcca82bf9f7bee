"""MiniMax-H3's autoencoder of videos: a convolutional encoder with a transformer as decoder."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import norm, scalars
from llmmem.parts.denoise import attention, feed_forward
from llmmem.parts.modules import conv3d, dense, layer_norm, under
from llmmem.parts.video import resnet3d
from llmmem.tensors import ModelSpec


def autoencoder_kl_minimax_h3(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLMiniMaxH3 (diffusers 0.42, models/autoencoders/autoencoder_kl_minimax_h3.py)."""
    widths = sizes(c, "block_out_channels", (128, 256, 256, 512, 512, 1024))
    space = sizes(c, "spatial_downsample_factors", (2, 2, 2, 2, 1, 1))
    time = sizes(c, "temporal_downsample_factors", (1, 2, 2, 1, 1, 1))
    if not len(widths) <= min(len(space), len(time)):
        raise ConfigError(f"Fewer factors than {len(widths)} levels.", "Check the config.json.")
    latent, depth = c.int("latent_channels", default=24, least=1), c.count("layers_per_block", default=2, least=1)
    encoder = [conv3d("conv_in", c.int("in_channels", default=3, least=1), widths[0])]
    for i, width in enumerate(widths):
        for n in range(depth):
            before = widths[max(i - 1, 0)] if n == 0 else width
            encoder.append(resnet3d(f"down_blocks.{i}.resnets.{n}", before, width, conv3d))
        if space[i] * time[i] > 1:
            encoder.append(conv3d(f"down_blocks.{i}.downsamplers.0.conv", width, width))
    encoder += [layer_norm("norm_out", widths[-1]), conv3d("conv_out", widths[-1], 2 * latent)]
    heads, one = c.int("decoder_num_attention_heads", default=32), c.int("decoder_attention_head_dim", default=64)
    width = heads * one
    block = (
        *norm("norm1", width),
        *attention("attn", width, width, bias=True),
        *scalars("scale1", width),
        *norm("norm2", width),
        *feed_forward("ff", width, inner=width * c.int("decoder_ffn_mult", default=4), act="swiglu"),
        *scalars("scale2", width),
    )
    patch = prod(space) ** 2 * prod(time)
    return component(
        c,
        "vae",
        under("encoder", *encoder),
        conv3d("quant_conv", 2 * latent, 2 * latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
        dense("decoder.proj_in", latent, width),
        scalars("decoder.register_tokens", 1, c.int("decoder_num_register_tokens", default=4), width),
        layers("decoder.transformer_blocks", c.count("decoder_num_layers", default=36), block),
        layer_norm("decoder.norm_out", width),
        dense("decoder.proj_out", width, c.int("out_channels", default=3, least=1) * patch),
    )
