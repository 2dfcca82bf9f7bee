"""Stable Audio's autoencoder of waveforms."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.modules import under
from llmmem.parts.waves import Waves, down, snake, up, weight_norm
from llmmem.tensors import ModelSpec

KIT = Waves(snake, weight_norm)


def autoencoder_oobleck(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderOobleck (arXiv:2407.14358; diffusers 0.42, models/autoencoders/autoencoder_oobleck.py)."""
    ratios = sizes(c, "downsampling_ratios", (2, 4, 4, 8, 8))
    times = [1, *sizes(c, "channel_multiples", (1, 2, 4, 8, 16))]
    if len(times) != len(ratios) + 1:
        raise ConfigError("channel_multiples and downsampling_ratios differ in length.", "Check the config.json.")
    width, own = c.int("encoder_hidden_size", default=128, least=1), c.int("decoder_channels", default=128, least=1)
    latent, sound = c.int("decoder_input_channels", default=64, least=1), c.int("audio_channels", default=2, least=1)
    top = width * times[-1]
    encoder = [
        weight_norm("conv1", width, sound, 7, bias=width),
        snake("snake1", top),
        weight_norm("conv2", width, top, 3, bias=width),
    ]
    for i, ratio in enumerate(ratios):
        before, after = width * times[i], width * times[i + 1]
        encoder.append(down(KIT, f"block.{i}", before, after, ratio))
    first = own * times[-1]
    decoder = [
        weight_norm("conv1", first, latent, 7, bias=first),
        snake("snake1", own),
        weight_norm("conv2", sound, own, 7),
    ]
    for i, ratio in enumerate(ratios[::-1]):
        before, after = own * times[len(ratios) - i], own * times[len(ratios) - i - 1]
        decoder.append(up(KIT, f"block.{i}", before, after, ratio))
    return component(c, "vae", under("encoder", *encoder), under("decoder", *decoder))
