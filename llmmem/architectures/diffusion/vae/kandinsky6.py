"""The causal autoencoder of Kandinsky 6's super resolution."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.ldm import Kit, way_down, way_up
from llmmem.parts.modules import conv3d, gather, under
from llmmem.parts.video import Norm, gamma3d, wrapped
from llmmem.tensors import ModelSpec


def _block(norm: Norm, name: str, inputs: int, outputs: int) -> Tensors:
    return under(
        name,
        norm("norm1", inputs),
        norm("norm2", outputs),
        wrapped("conv1", inputs, outputs),
        wrapped("conv2", outputs, outputs),
        conv3d("nin_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def kandinsky6_sr_vae(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky6SRVAE (diffusers 0.42, models/autoencoders/autoencoder_kandinsky6_sr.py)."""
    widths = filled(c, "encoder_block_out_channels", (16, 128, 256, 512, 1024))
    own = filled(c, "decoder_block_out_channels", (16, 256, 512, 1024, 2048))
    if len(widths) != len(own):
        raise ConfigError("The encoder's and the decoder's block_out_channels differ in length.", "Check the config.")
    count, latent = len(widths), c.int("latent_channels", default=64, least=1)
    depth, first = c.count("layers_per_block", default=2, least=1), c.int("temporal_compression_start_level", default=1)
    end = first + c.int("temporal_compression_ratio", default=4, least=1).bit_length() - 1

    def guided(name: str, width: int) -> Tensors:
        beside = (conv3d(conv, latent, width, 1) for conv in ("conv_y", "conv_b"))
        return under(name, gamma3d("norm_layer", width), *beside)

    def shrink(level: int, width: int) -> Tensors:
        if level == count - 1:
            return ()
        time = [wrapped_time(f"temporal_conv.{n}", 2 * width, 2) for n in range(2)] if first <= level < end else []
        space = conv3d("spatial_conv", width, 2 * width, (1, 3, 3))
        return under("downsample", space, *time, conv3d("linear", 2 * width, 2 * width, 1))

    def grow(level: int, width: int) -> Tensors:
        if level == 0:
            return ()
        time = wrapped_time("temporal_conv", width, 3) if count - end <= level < count - first else ()
        space = conv3d("spatial_conv", width, width, (1, 3, 3))
        return under("upsample", space, time, conv3d("linear", width, width, 1))

    down = Kit(lambda *at: _block(gamma3d, *at), shrink, lambda name, width: (), widened=2)
    up = Kit(lambda *at: _block(guided, *at), grow, lambda name, width: ())
    encoder = gather(
        (
            wrapped("conv_in", c.int("in_channels", default=3, least=1), widths[0]),
            way_down(down, (widths[0], *widths), depth),
            gamma3d("norm_out", widths[-1]),
            wrapped("conv_out", widths[-1], 2 * latent),
        )
    )
    decoder = gather(
        (
            wrapped("conv_in", latent, own[-1]),
            way_up(up, own, depth),
            guided("norm_out", own[0]),
            wrapped("conv_out", own[0], c.int("out_channels", default=3, least=1)),
        )
    )
    return component(c, "vae", under("encoder", encoder), under("decoder", decoder))


def wrapped_time(name: str, width: int, kernel: int) -> Tensors:
    """A causal convolution over time alone."""
    return conv3d(f"{name}.conv", width, width, (kernel, 1, 1))
