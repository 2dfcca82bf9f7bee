"""LTX-2's autoencoder of videos: steps that fold places into channels."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, kinds, per_block, sizes, unknown
from llmmem.architectures.diffusion.vae.ltx import Given, decoder
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.ltx import FOLDED, down, resnet
from llmmem.parts.modules import under
from llmmem.parts.video import wrapped
from llmmem.tensors import ModelSpec

KIND = "LTX2VideoDownBlock3D"
STEPS = ("spatial", "temporal", "spatiotemporal", "spatiotemporal")


def _encoder(c: Config, pictures: int, latent: int) -> Tensors:
    widths = sizes(c, "block_out_channels", (256, 512, 1024, 2048))
    count, depths = len(widths), sizes(c, "layers_per_block", (4, 6, 6, 2, 2))
    types = kinds(c, "down_block_types", (KIND,) * 4)
    steps = per_block(c, "spatio_temporal_scaling", count, (True,) * 4)
    how = kinds(c, "downsample_type", STEPS)
    if min(len(types), len(how), len(depths) - 1) < count:
        raise ConfigError(f"The encoder's lists are shorter than its {count} levels.", "Check the config.json.")
    tensors, width = [wrapped("conv_in", pictures, latent)], latent
    for i, out in enumerate(widths):
        if types[i] != KIND:
            raise unknown(c, "down_block_types", types[i], (KIND,))
        if how[i] not in ("conv", *FOLDED):
            raise unknown(c, "downsample_type", how[i], ("conv", *FOLDED))
        step = how[i] if steps[i] else ""
        tensors.append(under(f"down_blocks.{i}", down(KIND, width, out, depths[i], step)))
        width = out
    tensors += [resnet(f"mid_block.resnets.{n}", width, width) for n in range(depths[-1])]
    return under("encoder", *tensors, wrapped("conv_out", width, latent + 1))


def autoencoder_kl_ltx2_video(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLLTX2Video (arXiv:2601.03233; diffusers 0.42, models/autoencoders/autoencoder_kl_ltx2.py)."""
    latent, patch = c.int("latent_channels", default=128, least=1), c.int("patch_size", default=4, least=1)
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    given = Given((256, 512, 1024), (5, 5, 5, 5), (True, True, True), 2, plain=True)
    return component(
        c,
        "vae",
        _encoder(c, pictures * patch**2, latent),
        decoder(c, latent, out * patch**2, given),
        (*buffer("latents_mean", latent), *buffer("latents_std", latent)),
    )
