"""What Seamless M4T speaks with: a vocoder."""

from __future__ import annotations

from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, embedding, linear, norm, positions
from llmmem.parts.hifigan import hifigan
from llmmem.tensors import Block

#: the vocoder's class defaults: kernels of its steps up, and of the residual blocks after each
UPSAMPLING, KERNELS, DILATIONS = [11, 8, 8, 4, 4], [3, 7, 11], [[1, 3, 5]] * 3


def variance_predictor(name: str, inputs: int, hidden: int, kernel: int) -> Tensors:
    """How long each unit sounds (FastSpeech 2, arXiv:2006.04558)."""
    return (
        *conv(f"{name}.conv1", hidden, inputs, kernel, bias=True),
        *norm(f"{name}.ln1", hidden, bias=True),
        *conv(f"{name}.conv2", hidden, hidden, kernel, bias=True),
        *norm(f"{name}.ln2", hidden, bias=True),
        *linear(f"{name}.proj", hidden, 1, bias=True),
    )


def vocoder(c: Config) -> list[Block]:
    """SeamlessM4TCodeHifiGan: from units, a speaker and a language to a waveform."""
    units, speaker, language = (
        c.int(f"{name}_embed_dim", default=n) for name, n in (("unit", 1280), ("spkr", 256), ("lang", 256))
    )
    rates, kernels = c.list("upsample_rates"), c.ints("upsample_kernel_sizes") or UPSAMPLING
    dilations = c.list("resblock_dilation_sizes") or DILATIONS
    if not all(isinstance(d, list) for d in dilations):
        raise ConfigError("resblock_dilation_sizes should be a list of lists.", "Check the config.json.")
    stem = (
        *variance_predictor("dur_predictor", units, units, c.int("variance_predictor_kernel_size", default=3)),
        *embedding("unit_embedding", c.int("unit_hifi_gan_vocab_size", default=10000), units),
        *positions("speaker_embedding", c.int("vocoder_num_spkrs", default=200), speaker),
        *positions("language_embedding", c.int("vocoder_num_langs", default=36), language),
    )
    waves = hifigan(
        units + language + speaker,
        c.int("upsample_initial_channel", default=512),
        kernels[: len(UPSAMPLING if rates is None else rates)],
        c.ints("resblock_kernel_sizes") or KERNELS,
        [len(d) for d in dilations],
    )
    return [Block("vocoder", "", stem), Block("vocoder", "hifi_gan.", waves)]
