"""Autoencoders whose decoder also smooths along time: Stable Video Diffusion."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.architectures.diffusion.vae.halves import encoder
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, conv3d, layer_norm, under
from llmmem.parts.unet import self_attention
from llmmem.parts.video import spatio_temporal_resnet
from llmmem.tensors import ModelSpec

IN_TIME = (3, 1, 1)


def autoencoder_kl_temporal_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLTemporalDecoder (diffusers 0.42, models/autoencoders/autoencoder_kl_temporal_decoder.py)."""
    widths = sizes(c, "block_out_channels", (64,))
    latent, depth = c.int("latent_channels", default=4, least=1), c.count("layers_per_block", default=1, least=1)
    out, turned = c.int("out_channels", default=3, least=1), widths[::-1]
    mid = (
        *(spatio_temporal_resnet(f"resnets.{i}", turned[0], turned[0], None) for i in range(depth)),
        self_attention("attentions.0", turned[0], turned[0]),
    )
    ups: list[Tensors] = []
    for i, width in enumerate(turned):
        for n in range(depth + 1):
            inputs = turned[max(i - 1, 0)] if n == 0 else width
            ups.append(under(f"up_blocks.{i}", spatio_temporal_resnet(f"resnets.{n}", inputs, width, None)))
        if i < len(turned) - 1:
            ups.append(conv2d(f"up_blocks.{i}.upsamplers.0.conv", width, width))
    return component(
        c,
        "vae",
        encoder(c, 2 * latent, widths, depth, 1),
        under(
            "decoder",
            conv2d("conv_in", latent, turned[0]),
            under("mid_block", *mid),
            *ups,
            layer_norm("conv_norm_out", widths[0]),
            conv2d("conv_out", widths[0], out),
            conv3d("time_conv_out", out, out, IN_TIME),
        ),
        conv2d("quant_conv", 2 * latent, 2 * latent, 1),
    )
