"""Language models that hear: an audio tower, a small projector, any language model."""

from __future__ import annotations

from typing import Any

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import filled, multimodal
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear
from llmmem.tensors import Block, ModelSpec

#: the language models of Voxtral Mini and GLM-ASR Nano: what their text_config leaves out
_VOXTRAL = {
    "model_type": "llama",
    "vocab_size": 131072,
    "hidden_size": 3072,
    "intermediate_size": 8192,
    "num_hidden_layers": 30,
    "num_key_value_heads": 8,
    "max_position_embeddings": 131072,
    "head_dim": 128,
}
_GLMASR = {
    "model_type": "llama",
    "vocab_size": 59264,
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
    "max_position_embeddings": 8192,
}


def two_layers(inputs: int, inner: int, outputs: int, *, bias: bool = True) -> Tensors:
    """The projector: two matrices with an activation between."""
    return (
        *linear("linear_1", inputs, inner, bias=bias, cut=COLUMN),
        *linear("linear_2", inner, outputs, bias=bias, cut=ROW),
    )


def audio_language(
    c: Config, head: str | None, text: ModelSpec, tower: ModelSpec, projector: Tensors, *, tied: bool = False
) -> ModelSpec:
    """The model of a tower, a projector and a language model that stands inside with its head (LLaVA's older names)."""
    others = (*tower.placed("audio_tower."), Block("projector", "multi_modal_projector.", projector))
    spec = multimodal(c, head, text, others, tied=tied)
    return spec._replace(encoder_length=tower.encoder_length, sound=tower.sound)


def _heard(spec: ModelSpec, **rule: Any) -> ModelSpec:
    """The model with what its processor makes of the tower's frames."""
    return spec._replace(sound=spec.sound._replace(**rule)) if spec.sound else spec


def qwen2_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2AudioForConditionalGeneration (arXiv:2407.10759; transformers 5.23, models/qwen2_audio)."""
    text = build(c.sub("text_config", model_type="qwen2"), "base")
    tower = build(c.sub("audio_config", model_type="qwen2_audio_encoder"), "base")
    projector = linear("linear", tower.hidden_size, text.hidden_size, bias=True, cut=COLUMN)
    return _heard(audio_language(c, head, text, tower, projector), group=2, most=30)


def audioflamingo3(c: Config, head: str | None = None) -> ModelSpec:
    """AudioFlamingo3ForConditionalGeneration (arXiv:2507.08128; transformers 5.23, models/audioflamingo3)."""
    text = build(c.sub("text_config", model_type="qwen2"), "base")
    tower = build(c.sub("audio_config", model_type="audioflamingo3_encoder"), "base")
    bias = c.bool("projector_bias", default=True)
    projector = two_layers(tower.hidden_size, text.hidden_size, text.hidden_size, bias=bias)
    return _heard(audio_language(c, head, text, tower, projector), group=2, most=600)


def musicflamingo(c: Config, head: str | None = None) -> ModelSpec:
    """MusicFlamingoForConditionalGeneration: Audio Flamingo 3 with rotary time (transformers 5.23)."""
    audio = c.get("audio_config")
    if isinstance(audio, dict) and audio.get("model_type") == "musicflamingo_encoder":  # its older name
        audio = {**audio, "model_type": "audioflamingo3_encoder"}
        c = Config({**c.raw, "audio_config": audio}, c.path, c.reads)
    return _heard(audioflamingo3(c, head), most=1200, around=2)


def voxtral(c: Config, head: str | None = None) -> ModelSpec:
    """VoxtralForConditionalGeneration (arXiv:2507.13264; transformers 5.23, models/voxtral)."""
    text = build(filled(c, "text_config", _VOXTRAL, always=True), "base")
    audio = c.sub("audio_config", model_type="voxtral_encoder")
    # Neighbouring vectors of the tower, together as wide as its MLP, become one token.
    inputs = audio.int("encoder_ffn_dim", "intermediate_size", default=5120)
    projector = two_layers(inputs, text.hidden_size, text.hidden_size, bias=False)
    tower = build(audio, "base")
    # Its positions stay in fp32 in this model.
    blocks = tuple(
        b._replace(tensors=tuple(t._replace(dtype="fp32") if t.role == "position" else t for t in b.tensors))
        for b in tower.blocks
    )
    spec = audio_language(c, head, text, tower._replace(blocks=blocks), projector)
    return _heard(spec, group=max(1, inputs // max(1, tower.hidden_size)), filled=True)


def glmasr(c: Config, head: str | None = None) -> ModelSpec:
    """GlmAsrForConditionalGeneration; its tokens are made as Voxtral's (transformers 5.23, models/glmasr)."""
    text = build(filled(c, "text_config", _GLMASR, always=True), "base")
    audio = c.sub("audio_config", model_type="glmasr_encoder")
    inputs = audio.int("intermediate_size", default=5120)
    projector = two_layers(inputs, 2 * text.hidden_size, text.hidden_size)
    tied = c.bool("tie_word_embeddings", default=True)
    return _heard(audio_language(c, head, text, build(audio, "base"), projector, tied=tied), group=4, most=655)
