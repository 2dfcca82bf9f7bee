"""HiFi-GAN as SpeechT5 and FastSpeech 2 speak with it."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, model_spec, no_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import buffer
from llmmem.parts.hifigan import hifigan
from llmmem.tensors import Block, ModelSpec


def _vocoder(c: Config, head: str | None, rates: list[int], upsampling: list[int]) -> ModelSpec:
    """From a spectrogram to a waveform; ``rates`` and ``upsampling`` are the class defaults of its steps up."""
    if not architecture_of(c).endswith("HifiGan"):
        no_head(c, head)
    mels = c.int("model_in_dim", default=80)
    dilations = c.list("resblock_dilation_sizes") or [[1, 3, 5]] * 3
    if not all(isinstance(d, list) for d in dilations):
        raise ConfigError("resblock_dilation_sizes should be a list of lists.", "Check the config.json.")
    steps = len(c.ints("upsample_rates") or rates)
    waves = hifigan(
        mels,
        c.int("upsample_initial_channel", default=512),
        (c.ints("upsample_kernel_sizes") or upsampling)[:steps],
        c.ints("resblock_kernel_sizes") or [3, 7, 11],
        [len(d) for d in dilations],
    )
    return model_spec(c, [Block("vocoder", "", (*buffer("mean", mels), *buffer("scale", mels), *waves))], hidden=mels)


def speecht5_hifigan(c: Config, head: str | None = None) -> ModelSpec:
    """SpeechT5HifiGan (arXiv:2010.05646; transformers 5.23, models/speecht5)."""
    return _vocoder(c, head, [4, 4, 4, 4], [8, 8, 8, 8])


def fastspeech2_conformer_hifigan(c: Config, head: str | None = None) -> ModelSpec:
    """FastSpeech2ConformerHifiGan (transformers 5.23, models/fastspeech2_conformer)."""
    return _vocoder(c, head, [8, 8, 2, 2], [16, 16, 4, 4])


def fastspeech2_conformer_with_hifigan(c: Config, head: str | None = None) -> ModelSpec:
    """FastSpeech2ConformerWithHifiGan (transformers 5.23, models/fastspeech2_conformer)."""
    if not architecture_of(c).endswith("WithHifiGan"):
        no_head(c, head)
    model = build(typed(c, "model_config", "fastspeech2_conformer"), "base")
    vocoder = build(typed(c, "vocoder_config", "fastspeech2_conformer_hifigan"), "base")
    blocks = [*model.placed("model."), *vocoder.placed("vocoder.")]
    return model_spec(c, blocks, hidden=model.hidden_size, vocab=model.vocab_size)
