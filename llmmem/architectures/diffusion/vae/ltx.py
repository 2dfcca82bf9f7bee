"""LTX-Video's autoencoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from llmmem.architectures.diffusion.base import component, kinds, per_block, sizes, unknown
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.ltx import FOLDED, down, embedder, resnet
from llmmem.parts.modules import under
from llmmem.parts.video import wrapped
from llmmem.tensors import ModelSpec

WIDTHS = (128, 256, 512, 512)
DEPTHS = (4, 3, 3, 3, 4)


def _encoder(c: Config, pictures: int, latent: int) -> Tensors:
    widths = sizes(c, "block_out_channels", WIDTHS)
    types = kinds(c, "down_block_types", ("LTXVideoDownBlock3D",) * 4)
    newer = types[-1] == "LTXVideo095DownBlock3D"
    count = len(widths) - newer
    depths = sizes(c, "layers_per_block", DEPTHS)
    steps = per_block(c, "spatio_temporal_scaling", count, (True, True, True, False))
    how = (c.list("downsample_type") or ["conv"] * count)[:count]
    if min(len(types), len(how), len(depths) - 1) < count:
        raise ConfigError(f"The encoder's lists are shorter than its {count} levels.", "Check the config.json.")
    tensors = [wrapped("conv_in", pictures, widths[0])]
    for i in range(count):
        if types[i] not in ("LTXVideoDownBlock3D", "LTXVideo095DownBlock3D"):
            raise unknown(c, "down_block_types", types[i])
        if how[i] not in ("conv", *FOLDED):
            raise unknown(c, "downsample_type", how[i], ("conv", *FOLDED))
        step = "" if not steps[i] else "conv" if types[i] == "LTXVideoDownBlock3D" else how[i]
        out = widths[i + 1] if newer or i + 1 < count else widths[i]
        tensors.append(under(f"down_blocks.{i}", down(types[i], widths[i], out, depths[i], step)))
    top = widths[-1]
    tensors += [resnet(f"mid_block.resnets.{n}", top, top) for n in range(depths[-1])]
    return under("encoder", *tensors, wrapped("conv_out", top, latent + 1))


class Given(NamedTuple):
    """Defaults of a decoder, in the order the config has them."""

    widths: Sequence[int] = WIDTHS
    depths: Sequence[int] = DEPTHS
    steps: Sequence[bool] = (True, True, True, False)
    factor: int = 1
    #: LTX-2's residual blocks have an unwrapped convolution beside them
    plain: bool = False


def decoder(c: Config, latent: int, pictures: int, given: Given) -> Tensors:
    """From latent to frames."""
    turned, plain = sizes(c, "decoder_block_out_channels", given.widths)[::-1], given.plain
    count = len(turned)
    depths = sizes(c, "decoder_layers_per_block", given.depths)[::-1]
    steps = per_block(c, "decoder_spatio_temporal_scaling", count, given.steps)[::-1]
    noise: Sequence[Any] = per_block(c, "decoder_inject_noise", count + 1, (False,) * len(given.depths))[::-1]
    factors = sizes(c, "upsample_factor", (given.factor,) * len(given.widths))[::-1]
    if len(depths) != count + 1 or len(factors) != count or min(factors) < 1:
        raise ConfigError(f"The decoder's lists do not fit its {count} levels.", "Check the config.json.")
    how = c.list("upsample_type") or ["spatiotemporal"] * count
    if len(how) < count or any(h not in FOLDED for h in how):
        raise unknown(c, "upsample_type", how, list(FOLDED))
    timed = c.bool("timestep_conditioning")
    width = turned[0]
    tensors = [wrapped("conv_in", latent, width), under("mid_block", embedder(4 * width, timed))]
    tensors += [
        resnet(f"mid_block.resnets.{n}", width, width, noise=bool(noise[0]), timed=timed) for n in range(depths[0])
    ]
    for i in range(count):
        inputs, width = width // factors[i], turned[i] // factors[i]
        own = [embedder(4 * inputs, timed)]
        loud = bool(noise[i + 1])
        if inputs != width:
            own.append(resnet("conv_in", inputs, width, noise=loud, timed=timed, plain=plain))
        if steps[i]:
            wide, fold = width * factors[i], FOLDED[how[i]]
            own.append(wrapped("upsamplers.0.conv", wide, fold * wide // factors[i]))
        own += [resnet(f"resnets.{n}", width, width, noise=loud, timed=timed) for n in range(depths[i + 1])]
        tensors.append(under(f"up_blocks.{i}", *own))
    tensors.append(wrapped("conv_out", width, pictures))
    if timed:
        tensors.append(
            (*scalars("timestep_scale_multiplier"), *embedder(2 * width, True), *scalars("scale_shift_table", 2, width))
        )
    return under("decoder", *tensors)


def autoencoder_kl_ltx_video(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLLTXVideo (arXiv:2501.00103; diffusers 0.42, models/autoencoders/autoencoder_kl_ltx.py)."""
    latent, patch = c.int("latent_channels", default=128, least=1), c.int("patch_size", default=4, least=1)
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        _encoder(c, pictures * patch**2, latent),
        decoder(c, latent, out * patch**2, Given()),
        (*buffer("latents_mean", latent), *buffer("latents_std", latent)),
    )
