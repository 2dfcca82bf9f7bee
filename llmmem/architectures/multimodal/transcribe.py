"""Language models that write down what they hear."""

from __future__ import annotations

from collections.abc import Mapping

from llmmem.architectures import build
from llmmem.architectures.base import head_of, labels
from llmmem.architectures.multimodal.audio import audio_language, two_layers
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Block, Cache, ModelSpec

#: the language models that stand in where there is no text_config, or (Voxtral) for what it leaves out
_MOSS = {
    "model_type": "qwen3",
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
}
_QWEN3_ASR = {
    "model_type": "qwen3",
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 65536,
}
_VOXTRAL = {
    "model_type": "voxtral_realtime_text",
    "vocab_size": 131072,
    "hidden_size": 3072,
    "intermediate_size": 9216,
    "num_hidden_layers": 26,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "head_dim": 128,
    "sliding_window": 8192,
}


def _beside(
    c: Config,
    head: str | None,
    text: ModelSpec,
    tower: ModelSpec,
    projector: Tensors,
    tops: Mapping[str, Tensors] | None = None,
) -> ModelSpec:
    """Tower, projector and language model side by side in one base model, and one head on all; tied by default."""
    kind = head_of(c, head)
    base = "" if kind == "base" else "model."
    others = (
        *tower.placed(f"{base}audio_tower."),
        Block("projector", f"{base}multi_modal_projector.", projector),
    )
    spec = multimodal(
        c,
        kind,
        text,
        others,
        text_prefix=f"{base}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings", default=True),
        tops=tops,
    )
    return spec._replace(encoder_length=tower.encoder_length)


def moss_transcribe_diarize(c: Config, head: str | None = None) -> ModelSpec:
    """MossTranscribeDiarizeForConditionalGeneration (transformers 5.23, models/moss_transcribe_diarize)."""
    text = build(filled(c, "text_config", _MOSS), "base")
    tower = build(c.sub("audio_config", model_type="moss_transcribe_diarize_audio"), "base")
    width = tower.hidden_size * c.int("audio_merge_size", default=4)
    bias = c.bool("projector_bias", default=True)
    projector = (
        *two_layers(width, text.hidden_size, text.hidden_size, bias=bias),
        *norm("norm", text.hidden_size, bias=True),
    )
    return _beside(c, head, text, tower, projector)


def qwen3_asr(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3ASRForConditionalGeneration and its classifier of tokens (transformers 5.23, models/qwen3_asr)."""
    text = build(filled(c, "text_config", _QWEN3_ASR), "base")
    audio = c.sub("audio_config", model_type="qwen3_asr_encoder")
    tower = build(audio, "base")
    projector = two_layers(tower.hidden_size, tower.hidden_size, audio.int("output_dim", default=3584))
    bias = c.bool("token_classification_bias")
    judge = linear("score", text.hidden_size, labels(c), bias=bias, role="head")
    return _beside(c, head, text, tower, projector, {"token": judge})._replace(sound=tower.sound)


def voxtral_realtime(c: Config, head: str | None = None) -> ModelSpec:
    """VoxtralRealtimeForConditionalGeneration (transformers 5.23, models/voxtral_realtime)."""
    text = build(filled(c, "text_config", _VOXTRAL, always=True), "base")
    tower = build(c.sub("audio_config", model_type="voxtral_realtime_encoder"), "base")
    step = c.int("downsample_factor", default=4, least=1)
    projector = two_layers(tower.hidden_size * step, text.hidden_size, text.hidden_size, bias=False)
    # The tower passes step positions for every token, and keeps keys and values of its own.
    blocks = tuple(b._replace(caches=tuple(_quicker(x, step) for x in b.caches)) for b in tower.blocks)
    tied = c.bool("tie_word_embeddings", default=True)
    return audio_language(c, head, text, tower._replace(blocks=blocks), projector, tied=tied)


def _quicker(cache: Cache, step: int) -> Cache:
    """A cache that takes ``step`` entries for each token of the text."""
    if not cache.key:
        return cache
    window = None if cache.window is None else (cache.window - 1) // step + 1
    return cache._replace(heads=cache.heads * step, window=window)
