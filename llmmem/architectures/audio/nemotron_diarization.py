"""Nemotron's diarization (who speaks when), alone and beside the encoder that hears what is said."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.audio.nemotron_transcribe import ASR, NEMO, OWN, SPEAKERS, Names, stacked_encoder
from llmmem.architectures.base import head_of, model_spec, no_head, refuse_head
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.tensors import Block, ModelSpec, Tensor


class Places(NamedTuple):
    """Where the parts of a diarization model with its classifier stand."""

    names: Names = OWN
    tower: str = "model.audio_tower."
    narrow: str = "model.proj"
    finer: str = "model.upsampler.conv"
    dense: str = "classifier.dense"
    out: str = "classifier.out_proj"
    silence: str = "silence_embeds"


_NEMO = Places(
    NEMO,
    "encoder.",
    "sortformer_modules.encoder_proj",
    "sortformer_modules.subpixel_upsample",
    "sortformer_modules.first_hidden_to_hidden",
    "sortformer_modules.single_hidden_to_spks",
    "sortformer_modules.learnable_sil_emb",
)


def _same(c: Config, what: str, *values: int) -> None:
    if len(set(values)) > 1:
        raise ConfigError(
            f"{c.path + ': ' if c.path else ''}{what} differ: {', '.join(map(str, values))}.", "Check the config.json."
        )


def _diarization(c: Config, at: Places) -> tuple[list[Block], Tensors]:
    """The model, and the classifier on it."""
    audio, head = c.sub("audio_config"), c.sub("head_config")
    hidden, narrow = audio.int("hidden_size", default=SPEAKERS.hidden), head.int("hidden_size", default=192)
    factor, speakers = head.int("subsampling_factor", default=8), head.int("num_speakers", default=8)
    _same(c, "the widths of audio_config and head_config", hidden, head.int("audio_hidden_size", default=512))
    _same(c, "the factors of audio_config and head_config", audio.int("subsampling_factor", default=8), factor)
    streaming = c.sub("streaming_config")
    _same(c, "the factors of head_config and streaming_config", factor, streaming.int("subsampling_factor", default=8))
    _same(c, "the speakers of both", speakers, streaming.int("num_speakers", default=8))
    tower = stacked_encoder(audio, at.names, SPEAKERS, normed=False)
    top = (*linear(at.narrow, hidden, narrow, bias=True), *conv(at.finer, narrow * factor, narrow, 3, bias=True))
    blocks = [*(b._replace(prefix=at.tower + b.prefix) for b in tower), Block("audio", "", top)]
    judge = (
        *linear(at.dense, narrow, narrow, bias=True),
        *linear(at.out, narrow, speakers, bias=True),
        Tensor(at.silence, (hidden,), "position"),
    )
    return blocks, judge


def nemotron3_diarization_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3DiarizationAudioModel (transformers 5.23, models/nemotron3_diarization)."""
    no_head(c, head)
    blocks = stacked_encoder(c, OWN, SPEAKERS, normed=False)
    return model_spec(c, blocks, hidden=c.int("hidden_size", default=SPEAKERS.hidden))


def nemotron3_diarization(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3DiarizationModel, with its classifier or without (transformers 5.23, models/nemotron3_diarization)."""
    kind = head_of(c, head, "base")
    hidden = c.sub("audio_config").int("hidden_size", default=SPEAKERS.hidden)
    if kind == "base":
        blocks, _ = _diarization(c, Places(tower="audio_tower.", narrow="proj", finer="upsampler.conv"))
        return model_spec(c, blocks, hidden=hidden)
    if kind != "frame":
        raise refuse_head(c, kind)
    blocks, judge = _diarization(c, Places())
    return model_spec(c, [*blocks, Block("audio", "", judge)], hidden=hidden)


def transcribe_audio(c: Config, *, nemo: bool) -> tuple[list[Block], int]:
    """Both encoders and the norms on them; and the width of what is heard."""
    asr, who = c.sub("asr_config"), c.sub("diarization_config")
    hidden, speakers = asr.int("hidden_size", default=ASR.hidden), who.sub("head_config").int("num_speakers", default=8)
    factor = who.sub("audio_config").int("subsampling_factor", default=8)
    _same(c, "the factors of asr_config and diarization_config", asr.int("subsampling_factor", default=8), factor)
    blocks, judge = _diarization(who, _NEMO if nemo else Places())
    heard = stacked_encoder(asr, NEMO if nemo else OWN, ASR, normed=True)
    norms = (
        *norm("asr_norm", hidden, bias=True),
        *norm("diar_norm" if nemo else "speaker_norm", speakers, bias=True),
    )
    out = [b._replace(prefix="asr_encoder." + b.prefix) for b in heard]
    out += [b._replace(prefix="diarization_model." + b.prefix) for b in (*blocks, Block("audio", "", judge))]
    return [*out, Block("audio", "", norms)], hidden


def nemotron3_5_transcribe_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3_5TranscribeAudioModel (transformers 5.23, models/nemotron3_5_transcribe)."""
    no_head(c, head)
    blocks, hidden = transcribe_audio(c, nemo=False)
    return model_spec(c, blocks, hidden=hidden)
