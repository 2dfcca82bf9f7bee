"""MiniMax-H3's autoencoder of sound."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.modules import conv1d, dense, layer_norm, under
from llmmem.parts.waves import weight_norm
from llmmem.tensors import ModelSpec

#: taps of the filters around an activation
_TAPS = 12


def _encoder(c: Config, latent: int) -> Tensors:
    width = c.int("encoder_dim", default=64, least=1)
    tensors = [weight_norm("block.0", width, 1, 7, bias=width)]
    for i, rate in enumerate(sizes(c, "encoder_rates", (2, 4, 4, 5, 5)), 1):
        unit = (
            *scalars("block.0.alpha", 1, width, 1),
            *weight_norm("block.1", width, width, 7, bias=width),
            *scalars("block.2.alpha", 1, width, 1),
            *weight_norm("block.3", width, width, 1, bias=width),
        )
        units = tuple(t for n in range(3) for t in under(f"{n}", unit))
        step = weight_norm("4", 2 * width, width, 2 * rate, bias=2 * width)
        tensors.append(under(f"block.{i}.block", units, scalars("3.alpha", 1, width, 1), step))
        width *= 2
    last = len(tensors)
    tensors.append(scalars(f"block.{last}.alpha", 1, width, 1))
    return under("encoder", *tensors, weight_norm(f"block.{last + 1}", latent, width, 3, bias=latent))


def _projection(latent: int, width: int) -> Tensors:
    """pre_block: attention whose output is as narrow as a latent."""
    inner = 2 * width
    return under(
        "pre_block",
        layer_norm("norm1", latent),
        dense("attn.qkv", latent, 3 * latent, False),
        scalars("attn.q_bias", latent),
        scalars("attn.v_bias", latent),
        buffer("attn.zero_k_bias", latent),
        dense("attn.proj", width, width),
        dense("proj", latent, width),
        layer_norm("norm3", latent),
        layer_norm("norm2", width),
        layer_norm("mlp.norm", width),
        dense("mlp.w0", width, inner),
        dense("mlp.w1", width, inner),
        dense("mlp.w2", inner, width),
    )


def snake_beta(name: str, width: int) -> Tensors:
    """A periodic activation between an upsampling and a downsampling filter (BigVGAN, arXiv:2206.04658)."""
    return under(
        name,
        scalars("act.alpha", width),
        scalars("act.beta", width),
        buffer("upsample.filter", 1, 1, _TAPS),
        buffer("downsample.lowpass.filter", 1, 1, _TAPS),
    )


def _vocoder(c: Config, latent: int) -> Tensors:
    width, rates = c.int("decoder_dim", default=1024, least=1), sizes(c, "decoder_rates", (5, 5, 2, 2, 2, 2, 2))
    steps = sizes(c, "decoder_kernel_sizes", (9, 9, 4, 4, 4, 4, 4))
    kernels = sizes(c, "resblock_kernel_sizes", (3, 7, 11))
    dilations = c.list("resblock_dilation_sizes") or [[1, 3, 5]] * len(kernels)
    if not all(isinstance(d, list) for d in dilations):
        raise ConfigError("resblock_dilation_sizes should hold lists.", "Check the config.json.")
    blocks = [(k, len(d)) for k, d in zip(kernels, dilations, strict=False)]
    tensors = [weight_norm("conv_pre", width, latent, 7, bias=width)]
    for i, (_, kernel) in enumerate(zip(rates, steps, strict=False)):
        before, after = width >> i, width >> (i + 1)
        tensors.append(weight_norm(f"ups.{i}.0", before, after, kernel, bias=after))
        for j, (size, deep) in enumerate(blocks):
            own = f"resblocks.{i * len(blocks) + j}"
            for n in range(deep):
                tensors += [weight_norm(f"{own}.convs{k}.{n}", after, after, size, bias=after) for k in (1, 2)]
            tensors += [snake_beta(f"{own}.activations.{n}", after) for n in range(2 * deep)]
    last = width >> len(rates)
    return under("decoder", *tensors, snake_beta("activation_post", last), weight_norm("conv_post", 1, last, 7))


def autoencoder_kl_minimax_h3_audio(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLMiniMaxH3Audio (diffusers 0.42, models/autoencoders/autoencoder_kl_minimax_h3_audio.py)."""
    latent, width = c.int("latent_dim", default=2048, least=1), c.int("latent_channels", default=32, least=1)
    return component(
        c,
        "vae",
        _encoder(c, latent),
        _projection(latent, width),
        conv1d("mean_proj", width, width, 1),
        conv1d("logs_proj", width, width, 1),
        conv1d("dec_in_proj", width, latent, 1),
        _vocoder(c, latent),
    )
