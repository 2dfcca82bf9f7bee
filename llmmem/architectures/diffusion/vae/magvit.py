"""EasyAnimate's autoencoder of videos."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, kinds, sizes, unknown
from llmmem.architectures.diffusion.vae.halves import FLUX
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, layer_norm, under
from llmmem.parts.video import resnet3d
from llmmem.tensors import ModelSpec


def _half(way: str, inputs: int, outputs: int, widths: Sequence[int], depth: int, mid_depth: int) -> Tensors:
    """Encoder or decoder; widths in the order it passes them."""

    def one(name: str, before: int, width: int) -> Tensors:
        return resnet3d(name, before, width, conv3d, shortcut="shortcut")

    last, mid = widths[-1], widths[-1] if way == "down" else widths[0]
    tensors = [conv3d("conv_in", inputs, widths[0])]
    for i, width in enumerate(widths):
        for n in range(depth):
            tensors.append(one(f"{way}_blocks.{i}.convs.{n}", widths[max(i - 1, 0)] if n == 0 else width, width))
        if i < len(widths) - 1:
            tensors.append(conv3d(f"{way}_blocks.{i}.{way}sampler.conv", width, width))
    tensors += [one(f"mid_block.convs.{n}", mid, mid) for n in range(mid_depth)]
    return tuple(
        t for group in (*tensors, layer_norm("conv_norm_out", last), conv3d("conv_out", last, outputs)) for t in group
    )


def autoencoder_kl_magvit(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLMagvit (EasyAnimate, arXiv:2405.18991; diffusers 0.42, autoencoders/autoencoder_kl_magvit.py)."""
    widths = sizes(c, "block_out_channels", FLUX)
    for key, way in (("down_block_types", "Down"), ("up_block_types", "Up")):
        known = [f"Spatial{way}Block3D", f"SpatialTemporal{way}Block3D"]
        names = kinds(c, key, (known[0], *(known[1],) * (len(widths) - 1)))
        if len(names) != len(widths):
            raise ConfigError(f"{key} has {len(names)} entries for {len(widths)} widths.", "Check the config.json.")
        for name in names:
            if name not in known:
                raise unknown(c, key, name, known)
    latent, depth = c.int("latent_channels", default=16, least=1), c.count("layers_per_block", default=2, least=1)
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under("encoder", _half("down", pictures, 2 * latent, widths, depth, depth)),
        under("decoder", _half("up", latent, out, widths[::-1], depth + 1, depth)),
        conv3d("quant_conv", 2 * latent, 2 * latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
    )
