"""Qwen-Omni: a part that sees, hears and thinks, and parts that speak."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures import build
from llmmem.architectures.audio.qwen_code2wav import code2wav
from llmmem.architectures.base import head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.text.qwen_talker import qwen3_talker
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, ModelSpec


def _thinker(c: Config, head: str | None, name: str) -> ModelSpec:
    """A language model with a vision and an audio tower of fixed classes."""
    kind = head_of(c, head)
    vision = build(typed(c, "vision_config", f"{name}_vision_encoder"), "base")
    audio = build(typed(c, "audio_config", f"{name}_audio_encoder"), "base")
    return multimodal(
        c,
        kind,
        build(typed(c, "text_config", f"{name}_text"), "base"),
        (*audio.placed("audio_tower."), *vision.placed("visual.")),
        text_prefix="model." if kind == "lm" else "language_model.",
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings"),
        images=vision.images,
    )._replace(sound=audio.sound)


def qwen2_5_omni_thinker(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniThinkerForConditionalGeneration (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    return _thinker(c, head, "qwen2_5_omni")


def qwen3_omni_moe_thinker(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeThinkerForConditionalGeneration (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    return _thinker(c, head, "qwen3_omni_moe")


def _whole(c: Config, head: str | None, name: str, speaking: Sequence[Block]) -> ModelSpec:
    """The thinker and, unless it is told to be silent, what speaks."""
    kind = head_of(c, head)
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    thinker = build(typed(c, "thinker_config", f"{name}_thinker"), "lm")
    note = "the talker's keys and values, which stand beside the thinker's while it speaks, are not counted"
    spec = model_spec(
        c,
        [*thinker.placed("thinker."), *(b._replace(caches=(), work=()) for b in speaking)],
        hidden=thinker.hidden_size,
        vocab=thinker.vocab_size,
        max_context=thinker.max_context,
        tied=[(f"thinker.{alias}", f"thinker.{table}") for alias, table in thinker.tied],
        notes=(*thinker.notes, *((note,) if speaking else ())),
    )
    return spec._replace(dtype=spec.dtype or thinker.dtype, images=thinker.images, sound=thinker.sound)


def qwen2_5_omni(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniForConditionalGeneration (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    speaking: list[Block] = []
    if c.bool("enable_audio_output", default=True):
        talker = build(typed(c, "talker_config", "qwen2_5_omni_talker"), "lm")
        waves = build(typed(c, "token2wav_config", "qwen2_5_omni_token2wav"), "base")
        speaking = [*talker.placed("talker.", "talker"), *waves.placed("token2wav.")]
    return _whole(c, head, "qwen2_5_omni", speaking)


def qwen3_omni_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeForConditionalGeneration (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    speaking: list[Block] = []
    if c.bool("enable_audio_output", default=True):
        told = c.sub("talker_config")
        language = typed(told, "text_config", "qwen3_omni_moe_talker_text")
        talker = qwen3_talker(language, "lm")
        further = build(typed(told, "code_predictor_config", "qwen3_omni_moe_talker_code_predictor"), "lm")
        thought = told.int("thinker_hidden_size", default=2048)
        inner = language.int("intermediate_size", default=2048)
        resize = (
            *linear("linear_fc1", thought, inner, bias=True, cut=COLUMN),
            *linear("linear_fc2", inner, talker.hidden_size, bias=True, cut=ROW),
        )
        speaking = [
            *talker.placed("talker.", "talker"),
            *further.placed("talker.code_predictor.", "talker"),
            *(Block("talker", f"talker.{name}_projection.", resize) for name in ("text", "hidden")),
            *code2wav(c.sub("code2wav_config")),
        ]
    return _whole(c, head, "qwen3_omni_moe", speaking)
