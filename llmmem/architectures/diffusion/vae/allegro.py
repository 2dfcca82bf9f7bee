"""Allegro's autoencoder of videos."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, per_block, sizes, unknown
from llmmem.architectures.diffusion.vae.halves import FLUX
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, conv3d, layer_norm, under
from llmmem.parts.unet import resnet, self_attention
from llmmem.tensors import ModelSpec

IN_TIME = (3, 1, 1)


def _in_time(name: str, width: int, first: tuple[int, int, int] = IN_TIME, times: int = 1, side: int = 1) -> Tensors:
    """AllegroTemporalConvLayer: four convolutions along time, the first of which may step."""
    rest = (3, side, side)
    return under(
        name,
        layer_norm("conv1.0", width),
        conv3d("conv1.2", width, width * times, first),
        *(
            (*layer_norm(f"conv{i}.0", width), *conv3d(f"conv{i}.{at}", width, width, rest))
            for i, at in ((2, 3), (3, 3), (4, 2))
        ),
    )


def _allegro_level(prefix: str, way: str, inputs: int, width: int, depth: int, *, space: bool, time: bool) -> Tensors:
    tensors: list[Tensors] = []
    for i in range(depth):
        tensors.append(resnet(f"resnets.{i}", inputs if i == 0 else width, width, None))
        tensors.append(_in_time(f"temp_convs.{i}", width))
    if time and way == "down":
        tensors.append(_in_time("temp_convs_down", width, (2, 3, 3), side=3))
    elif time:
        tensors.append(_in_time("temp_conv_up", width, (1, 3, 3), 2, side=3))
    if space:
        tensors.append(conv2d(f"{way}samplers.0.conv", width, width))
    return under(prefix, *tensors)


def _allegro_half(
    way: str, inputs: int, outputs: int, widths: Sequence[int], depth: int, times: Sequence[bool]
) -> Tensors:
    """Encoder or decoder; widths in the order it passes them."""
    last, middle = widths[-1], widths[-1] if way == "down" else widths[0]
    mid = (
        *(resnet(f"resnets.{i}", middle, middle, None) for i in range(2)),
        *(_in_time(f"temp_convs.{i}", middle) for i in range(2)),
        self_attention("attentions.0", middle, middle),
    )
    return (
        *conv2d("conv_in", inputs, widths[0]),
        *conv3d("temp_conv_in", widths[0], widths[0], IN_TIME),
        *(
            t
            for i, width in enumerate(widths)
            for t in _allegro_level(
                f"{way}_blocks.{i}",
                way,
                widths[max(i - 1, 0)],
                width,
                depth,
                space=i < len(widths) - 1,
                time=times[i],
            )
        ),
        *under("mid_block", *mid),
        *layer_norm("conv_norm_out", last),
        *conv3d("temp_conv_out", last, last, IN_TIME),
        *conv2d("conv_out", last, outputs),
    )


def autoencoder_kl_allegro(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLAllegro (arXiv:2410.15458; diffusers 0.42, models/autoencoders/autoencoder_kl_allegro.py)."""
    widths = sizes(c, "block_out_channels", FLUX)
    count = len(widths)
    latent, depth = c.int("latent_channels", default=4, least=1), c.count("layers_per_block", default=2, least=1)
    for key, kind in (("down_block_types", "AllegroDownBlock3D"), ("up_block_types", "AllegroUpBlock3D")):
        for name in c.list(key) or ():
            if name != kind:
                raise unknown(c, key, name, (kind,))
    down = per_block(c, "temporal_downsample_blocks", count, (True, True, False, False))
    up = per_block(c, "temporal_upsample_blocks", count, (False, True, True, False))
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under("encoder", _allegro_half("down", pictures, 2 * latent, widths, depth, down)),
        under("decoder", _allegro_half("up", latent, out, widths[::-1], depth + 1, up)),
        conv2d("quant_conv", 2 * latent, 2 * latent, 1),
        conv2d("post_quant_conv", latent, latent, 1),
    )
