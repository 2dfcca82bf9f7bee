"""Cosmos 3's autoencoder of sound."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.diffusion.base import component, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.modules import conv1d, under
from llmmem.parts.waves import Waves, snake, up, weight_norm
from llmmem.tensors import ModelSpec

KIT = Waves(snake, weight_norm)
#: the one variant that diffusers has
KINDS = {
    "enc_type": "spec_convnext",
    "dec_type": "oobleck",
    "bottleneck_type": "vae",
    "activation": "snakebeta",
}
FLAGS = {"dec_use_snake": True, "dec_anti_aliasing": False, "dec_use_nearest_upsample": False, "anti_aliasing": False}


def _supported(c: Config) -> None:
    for key, only in KINDS.items():
        if c.str(key, default=only) != only:
            raise unknown(c, key, c.str(key), (only,))
    for flag, only_flag in FLAGS.items():
        if c.bool(flag, default=only_flag) != only_flag:
            raise unknown(c, flag, not only_flag, (str(only_flag),))


def _convnext(width: int, snakes: bool) -> Tensors:
    return (
        *conv1d("dwconv.1", width, width, 7, groups=width),
        *norm("norm", width),
        *conv1d("pwconv1", width, 4 * width, 1),
        *(snake("act", 4 * width) if snakes else ()),
        *conv1d("pwconv2", 4 * width, width, 1),
    )


def _encoder(c: Config) -> Tensors:
    times, steps = filled(c, "enc_c_mults", (1, 2, 4)), filled(c, "enc_strides", (4, 5, 6))
    if len(times) != len(steps):
        raise ConfigError("enc_c_mults and enc_strides differ in length.", "Check the config.json.")
    widths = [c.int("enc_dim", default=192, least=1) * m for m in (*times, times[-1])]
    depth, snakes = c.count("enc_num_blocks", default=2), c.bool("enc_use_snake", default=True)
    sound = c.int("input_channels", default=1, least=1) * (2 if c.bool("stereo", default=True) else 1)
    latent, bins = c.int("enc_latent_dim", default=128, least=1), c.int("enc_n_fft", default=64, least=1) + 2
    c.get("enc_intermediate_dim", "enc_num_layers")  # the class reads neither
    tensors = [weight_norm("0", widths[0], bins * sound, 1)]
    for (before, after), step in zip(pairwise(widths), steps, strict=True):
        for _ in range(depth):
            tensors.append(under(f"{len(tensors)}", _convnext(before, snakes)))
        tensors.append(weight_norm(f"{len(tensors)}", after, before, 2 * step, bias=after))
    return under("encoder.layers", *tensors, weight_norm(f"{len(tensors)}", latent, widths[-1], 1))


def _decoder(c: Config) -> Tensors:
    steps, base = filled(c, "dec_strides", (2, 4, 5, 6, 8)), c.int("dec_dim", default=320, least=1)
    times = [1, *filled(c, "dec_c_mults", (1, 2, 4, 8, 16))]
    if len(times) != len(steps) + 1:
        raise ConfigError("dec_c_mults and dec_strides differ in length.", "Check the config.json.")
    widths = [base * m for m in reversed(times)]
    return under(
        "decoder",
        weight_norm("conv1", widths[0], c.int("vocoder_input_dim", default=64, least=1), 7, bias=widths[0]),
        *(up(KIT, f"block.{i}", widths[i], widths[i + 1], step) for i, step in enumerate(reversed(steps))),
        snake("snake1", base),
        weight_norm("conv2", c.int("dec_out_channels", default=2, least=1), base, 7),
    )


def cosmos3_avae_audio_tokenizer(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3AVAEAudioTokenizer (diffusers 0.42, models/autoencoders/autoencoder_cosmos3_audio.py)."""
    _supported(c)
    return component(c, "vae", _encoder(c) if c.bool("encoder_enabled", default=True) else (), _decoder(c))
