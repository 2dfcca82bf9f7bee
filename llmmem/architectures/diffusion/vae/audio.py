"""Autoencoders of waveforms: KVAE's, and LongCat's."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import attention
from llmmem.parts.modules import gather, under
from llmmem.parts.waves import Waves, alpha, down, parametrized, up, weight_norm
from llmmem.tensors import ModelSpec

KIT = Waves(alpha, parametrized)


def autoencoder_kl_kvae_audio(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLKVAEAudio (diffusers 0.42, models/autoencoders/autoencoder_kl_kvae_audio.py)."""
    width, latent = c.int("encoder_dim", default=64, least=1), c.int("latent_dim", default=2048, least=1)
    narrow, sound = c.int("codebook_dim", default=64, least=1), c.int("num_channels", default=1, least=1)
    encoder = [parametrized("conv1", width, sound, 7, bias=width)]
    for i, rate in enumerate(filled(c, "encoder_rates", (2, 3, 4, 5, 8))):
        encoder.append(down(KIT, f"block.{i}", width, 2 * width, rate))
        width *= 2
    encoder += [alpha("snake1", width), parametrized("conv2", latent, width, 3, bias=latent)]
    width = c.int("decoder_dim", default=1536, least=1)
    decoder = [parametrized("conv1", width, latent, 7, bias=width)]
    for i, rate in enumerate(filled(c, "decoder_rates", (8, 5, 4, 3, 2))):
        decoder.append(up(KIT, f"block.{i}", width, width // 2, rate))
        width //= 2
    decoder += [alpha("snake1", width), parametrized("conv2", sound, width, 7, bias=sound)]
    return component(
        c,
        "vae",
        under("encoder", *encoder),
        parametrized("in_proj", 2 * narrow, latent, 1, bias=2 * narrow),
        parametrized("out_proj", latent, narrow, 1, bias=latent),
        under("decoder", *decoder),
        attention("attn", latent, latent, bias=True),
    )


def _snakes(c: Config) -> bool:
    """Whether activations have learned numbers."""
    kind = c.str("act_fn") or ("snake" if c.bool("use_snake", default=True) else "elu")
    if kind not in ("snake", "elu"):
        raise unknown(c, "act_fn", kind, ("snake", "elu"))
    return kind == "snake"


def longcat_audio_dit_vae(c: Config, head: str | None = None) -> ModelSpec:
    """LongCatAudioDiTVae (diffusers 0.42, models/autoencoders/autoencoder_longcat_audio_dit.py)."""
    base, latent = c.int("channels", default=128, least=1), c.int("latent_dim", default=64, least=1)
    sound, narrow = c.int("in_channels", default=1, least=1), c.int("encoder_latent_dim", default=128, least=1)
    levels = sizes(c, "c_mults", ()) or [1, 2, 4, 8, 16]
    widths = [base, *(base * m for m in levels)]
    steps = sizes(c, "strides", ()) or [2]
    steps = (steps + steps[-1:] * len(levels))[: len(levels)]  # the last one serves the levels that have none
    learned = _snakes(c)

    def snake(name: str, width: int) -> Tensors:
        return (*scalars(f"{name}.alpha", width), *scalars(f"{name}.beta", width)) if learned else ()

    def units(first: int, width: int) -> Tensors:
        unit = (
            *snake("0", width),
            *weight_norm("1", width, width, 7, bias=width),
            *snake("2", width),
            *weight_norm("3", width, width, 1, bias=width),
        )
        return gather(under(f"{first + n}.layers", unit) for n in range(3))

    top, last = widths[-1], len(levels) + 1
    encoder = [weight_norm("0", base, sound, 7, bias=base)]
    decoder = [weight_norm("0", top, latent, 7, bias=top)]
    for i, step in enumerate(steps):
        before, after = widths[i], widths[i + 1]
        shrink = weight_norm("4", after, before, 2 * step, bias=after)
        grow = weight_norm("1", after, before, 2 * step, bias=before)
        encoder.append(under(f"{i + 1}.layers", units(0, before), snake("3", before), shrink))
        decoder.append(under(f"{last - 1 - i}.layers", snake("0", after), grow, units(2, before)))
    encoder.append(weight_norm(f"{last}", narrow, top, 3, bias=narrow))
    decoder += [snake(f"{last}", base), weight_norm(f"{last + 1}", sound, base, 7)]
    return component(c, "vae", under("encoder.layers", *encoder), under("decoder.layers", *decoder))
