"""Mochi's autoencoder of videos."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, per_block, sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention
from llmmem.parts.modules import conv3d, dense, layer_norm, under
from llmmem.parts.video import resnet3d, wrapped
from llmmem.tensors import ModelSpec


def _norm(name: str, size: int) -> Tensors:
    return layer_norm(f"{name}.norm_layer", size)


def _layers(width: int, count: int, attend: bool) -> Tensors:
    """Residual blocks, and after each an attention along time where ``attend``."""
    inner = width // 32 * 32
    return tuple(
        t
        for i in range(count)
        for t in (
            *resnet3d(f"resnets.{i}", width, width, wrapped, _norm),
            *((*_norm(f"norms.{i}", width), *attention(f"attentions.{i}", width, inner)) if attend else ()),
        )
    )


def autoencoder_kl_mochi(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLMochi (diffusers 0.42, models/autoencoders/autoencoder_kl_mochi.py)."""
    down = sizes(c, "encoder_block_out_channels", (64, 128, 256, 384))
    up = sizes(c, "decoder_block_out_channels", (128, 256, 512, 768))
    depths = sizes(c, "layers_per_block", (3, 3, 4, 6, 3))
    in_time, in_space = sizes(c, "temporal_expansions", (1, 2, 3)), sizes(c, "spatial_expansions", (2, 2, 2))
    attend = [bool(v) for v in per_block(c, "add_attention_block", len(depths), (False, True, True, True, True))]
    steps = len(down) - 1
    if len(up) != len(down) or len(depths) != steps + 2 or min(len(in_time), len(in_space)) < steps:
        raise ConfigError(f"The lists of blocks do not fit {len(down)} levels.", "Check the config.json.")
    latent = c.int("latent_channels", default=12, least=1)
    top = down[-1]
    encoder = [
        dense("proj_in", c.int("in_channels", default=15, least=1), down[0]),
        under("block_in", _layers(down[0], depths[0], attend[0])),
        under("block_out", _layers(top, depths[-1], attend[-1])),
        _norm("norm_out", top),
        dense("proj_out", top, 2 * latent, False),
    ]
    for i in range(steps):
        kernel = (in_time[i], in_space[i], in_space[i])
        step = conv3d("conv_in.conv", down[i], down[i + 1], kernel)
        encoder.append(under(f"down_blocks.{i}", step, _layers(down[i + 1], depths[i + 1], attend[i + 1])))
    decoder = [
        conv3d("conv_in", latent, up[-1], 1),
        under("block_in", _layers(up[-1], depths[-1], False)),
        under("block_out", _layers(up[0], depths[0], False)),
        dense("proj_out", up[0], c.int("out_channels", default=3, least=1)),
    ]
    for i in range(steps):
        times = in_time[steps - 1 - i] * in_space[steps - 1 - i] ** 2
        step = dense("proj", up[-1 - i], up[-2 - i] * times)
        decoder.append(under(f"up_blocks.{i}", _layers(up[-1 - i], depths[-2 - i], False), step))
    return component(c, "vae", under("encoder", *encoder), under("decoder", *decoder))
