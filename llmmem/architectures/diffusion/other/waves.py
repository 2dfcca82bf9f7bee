"""Vocoders of MMAudio and of MiniMax Music 3."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.architectures.diffusion.lists import filled
from llmmem.architectures.diffusion.other.vocoders import KERNELS, depths
from llmmem.architectures.diffusion.vae.minimax_h3_audio import snake_beta
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.modules import conv1d, gather
from llmmem.parts.waves import Waves, alpha, up, weight_norm
from llmmem.tensors import ModelSpec


def mmaudio_vocoder(c: Config, head: str | None = None) -> ModelSpec:
    """MMAudioVocoder: BigVGAN 2 (arXiv:2206.04658; diffusers 0.42, models/autoencoders/mmaudio_vocoder.py)."""
    width, mels = c.int("upsample_initial_channel", default=1536, least=1), c.int("num_mels", default=128, least=1)
    steps = filled(c, "upsample_kernel_sizes", (16, 8, 4, 4, 4, 4))
    if len(sizes(c, "upsample_rates", (8, 4, 2, 2, 2, 2))) != len(steps):
        raise ConfigError("upsample_rates and upsample_kernel_sizes differ in length.", "Check the config.json.")
    kernels = filled(c, "resblock_kernel_sizes", KERNELS)
    deep = depths(c, "resblock_dilation_sizes", len(kernels))
    tensors = [conv1d("conv_pre", mels, width, 7)]
    for i, step in enumerate(steps):
        tensors.append(conv_transpose(f"ups.{i}.0", width, width // 2, step))
        width //= 2
        for j, (kernel, count) in enumerate(zip(kernels, deep, strict=True)):
            name = f"resblocks.{i * len(kernels) + j}"
            tensors += [conv1d(f"{name}.convs{s}.{n}", width, width, kernel) for s in (1, 2) for n in range(count)]
            tensors += [snake_beta(f"{name}.activations.{n}", width) for n in range(2 * count)]
    tensors += [snake_beta("activation_post", width), conv1d("conv_post", width, 1, 7, False)]
    return component(c, "vocoder", gather(tensors))


def minimax_music3_vocoder(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxMusic3Vocoder (diffusers 0.42, models/autoencoders/minimax_music3_vocoder.py)."""
    inner, first = c.int("decoder_input_dim", default=1024, least=1), c.int("decoder_hidden_dim", default=1536, least=1)
    steps, kit = filled(c, "upsampling_ratios", (8, 8, 4, 2)), Waves(alpha, weight_norm)
    last = first >> len(steps)
    return component(
        c,
        "vocoder",
        # each channel of stereo has half the latent to itself
        conv1d("dec_in_proj", c.int("latent_channels", default=128, least=2) // 2, inner, 1),
        weight_norm("conv_in", first, inner, 7, bias=first),
        *(up(kit, f"blocks.{i}", first >> i, first >> (i + 1), step) for i, step in enumerate(steps)),
        alpha("snake_out", last),
        weight_norm("conv_out", 1, last, 7, bias=1),
    )
