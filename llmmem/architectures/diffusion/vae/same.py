"""Stable Audio 3's autoencoder: transformers that resample."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import MOST_LAYERS, Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.modules import dense, each, under
from llmmem.parts.waves import weight_norm
from llmmem.tensors import ModelSpec


def _tanh(name: str, width: int) -> Tensors:
    """What stands in a norm's place (arXiv:2503.10622)."""
    return under(name, scalars("alpha", 1), scalars("gamma", width), scalars("beta", width))


def _resampler(name: str, inputs: int, outputs: int, inner: int, depth: int, layer: Tensors) -> Tensors:
    return under(
        name,
        scalars("new_tokens", 1, 1, inner),
        weight_norm("mapping", outputs, inputs, 1, bias=outputs) if inputs != outputs else (),
        each("transformers", depth, layer),
    )


def autoencoder_same(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderSAME (arXiv:2605.17991; diffusers 0.42, models/autoencoders/autoencoder_same.py)."""
    base, latent = c.int("encoder_channels", default=128, least=1), c.int("latent_dim", default=256, least=1)
    times, steps = filled(c, "encoder_c_mults", (6,)), filled(c, "encoder_strides", (16,))
    depths, each_head = (
        filled(c, "encoder_transformer_depths", (6,), MOST_LAYERS),
        c.int("dim_heads", default=64, least=1),
    )
    if not len(times) == len(steps) == len(depths):
        raise ConfigError(
            "encoder_c_mults, encoder_strides and encoder_transformer_depths differ in length.",
            "Check the config.json.",
        )
    first = c.int("audio_channels", default=2, least=1) * c.int("patch_size", default=256, least=1)
    widths = [first, *(base * m for m in times)]
    maps, mult = 5 if c.bool("use_differential_attention", default=True) else 3, c.int("ff_mult", default=3, least=1)

    def layer(width: int) -> Tensors:
        head, inner = min(each_head, width), width * mult
        return (
            *_tanh("norm_attn", width),
            *dense("attn.to_qkv", width, maps * width, False),
            *dense("attn.to_out", width, width, False),
            *_tanh("attn.q_norm", head),
            *_tanh("attn.k_norm", head),
            *_tanh("norm_ff", width),
            *dense("ff.proj_in", width, 2 * inner),
            *dense("ff.proj_out", inner, width),
        )

    encoder, decoder = [], []
    for i, depth in enumerate(depths):
        before, after = widths[i], widths[i + 1]
        encoder.append(_resampler(f"blocks.{i}", before, after, after, depth, layer(after)))
        decoder.append(_resampler(f"blocks.{len(depths) - 1 - i}", after, before, after, depth, layer(after)))
    return component(
        c,
        "vae",
        under("encoder", *encoder, dense("proj", widths[-1], latent)),
        under("bottleneck", scalars("scale", 1, latent, 1), scalars("bias", 1, latent, 1), buffer("running_std", 1)),
        under("decoder", *decoder, dense("proj", latent, widths[-1])),
    )
