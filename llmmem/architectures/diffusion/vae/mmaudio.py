"""MMAudio's autoencoder of spectrograms."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.ldm import Kit, way_down, way_up
from llmmem.parts.modules import conv1d, under
from llmmem.tensors import ModelSpec


def _conv(name: str, inputs: int, outputs: int, kernel: int = 3) -> Tensors:
    return conv1d(name, inputs, outputs, kernel, bias=False)


def _block(name: str, inputs: int, outputs: int) -> Tensors:
    return under(
        name,
        _conv("conv1", inputs, outputs),
        _conv("conv2", outputs, outputs),
        _conv("nin_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def _attention(name: str, width: int) -> Tensors:
    return under(name, _conv("qkv", width, 3 * width, 1), _conv("proj_out", width, width, 1))


def _shrink(level: int, width: int) -> Tensors:
    """The spectrogram is halved once, after the first level."""
    names = ("downsample.conv1", "downsample.conv2")
    return tuple(t for n in names for t in _conv(n, width, width, 1)) if level == 0 else ()


def _grow(level: int, width: int) -> Tensors:
    return _conv("upsample.conv", width, width) if level == 1 else ()


def mmaudio_vae(c: Config, head: str | None = None) -> ModelSpec:
    """MMAudioVAE (arXiv:2412.15322; diffusers 0.42, models/autoencoders/autoencoder_mmaudio.py)."""
    mels, latent = c.int("mel_bins", default=128, least=1), c.int("latent_channels", default=40, least=1)
    base, depth = c.int("hidden_channels", default=512, least=1), c.count("layers_per_block", default=2, least=1)
    widths, bins = (
        [base * m for m in filled(c, "channel_multipliers", (1, 2, 4))],
        c.int("n_fft", default=2048, least=1),
    )
    top = widths[-1]
    return component(
        c,
        "vae",
        buffer("mel_converter.mel_basis", mels, bins // 2 + 1),
        buffer("mel_converter.hann_window", bins),
        buffer("vae.data_mean", 1, mels, 1),
        buffer("vae.data_std", 1, mels, 1),
        under(
            "vae.encoder",
            scalars("learnable_gain"),
            _conv("conv_in", mels, base),
            way_down(Kit(_block, _shrink, _attention, middle=True), (base, *widths), depth),
            _conv("conv_out", top, 2 * latent),
        ),
        under(
            "vae.decoder",
            scalars("learnable_gain"),
            _conv("conv_in", latent, top),
            way_up(Kit(_block, _grow, _attention, middle=True), widths, depth),
            _conv("conv_out", widths[0], mels),
        ),
    )
