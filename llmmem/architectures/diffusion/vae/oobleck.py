"""Stable Audio's autoencoder of waveforms."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.modules import under
from llmmem.tensors import ModelSpec, Tensor


def snake(name: str, width: int) -> Tensors:
    """An activation with two learned numbers per channel (arXiv:2006.08195)."""
    return (*scalars(f"{name}.alpha", 1, width, 1), *scalars(f"{name}.beta", 1, width, 1))


def weight_norm(name: str, *shape: int, bias: int = 0) -> Tensors:
    """A convolution kept as length and direction (arXiv:1602.07868), by torch's older spelling.

    Args:
        shape: of the weight; lengths are along its first axis.
        bias: its size; 0: none.
    """
    return (
        *((Tensor(f"{name}.bias", (bias,), "bias"),) if bias else ()),
        Tensor(f"{name}.weight_g", (shape[0], 1, 1), "conv"),
        Tensor(f"{name}.weight_v", shape, "conv"),
    )


def _unit(name: str, width: int) -> Tensors:
    return under(
        name,
        snake("snake1", width),
        weight_norm("conv1", width, width, 7, bias=width),
        snake("snake2", width),
        weight_norm("conv2", width, width, 1, bias=width),
    )


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
        units = tuple(t for n in (1, 2, 3) for t in _unit(f"res_unit{n}", before))
        step = weight_norm("conv1", after, before, 2 * ratio, bias=after)
        encoder.append(under(f"block.{i}", units, snake("snake1", before), step))
    first = own * times[-1]
    decoder = [
        weight_norm("conv1", first, latent, 7, bias=first),
        snake("snake1", own),
        weight_norm("conv2", sound, own, 7),
    ]
    for i, ratio in enumerate(ratios[::-1]):
        before, after = own * times[len(ratios) - i], own * times[len(ratios) - i - 1]
        units = tuple(t for n in (1, 2, 3) for t in _unit(f"res_unit{n}", after))
        step = weight_norm("conv_t1", before, after, 2 * ratio, bias=after)
        decoder.append(under(f"block.{i}", snake("snake1", before), step, units))
    return component(c, "vae", under("encoder", *encoder), under("decoder", *decoder))
