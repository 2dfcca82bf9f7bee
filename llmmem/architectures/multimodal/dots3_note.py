"""dots 3 note: a vision and an audio tower, each with its adapter, and a language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def dots3_note(c: Config, head: str | None = None) -> ModelSpec:
    """Dots3NoteForConditionalGeneration (transformers 5.23, models/dots3_note)."""
    kind = head_of(c, head)
    if c.get("text_config") is None:
        # Older files state the language model's sizes at the top.
        language = Config({**c.raw, "model_type": "dots3_note_text"}, c.path, c.reads)
    else:
        language = typed(c, "text_config", "dots3_note_text")
    if "Dots3NoteForCausalLM" in (c.list("architectures") or ()):
        return language_only(c, language)
    vision = build(typed(c, "vision_config", "dots3_note_vision_encoder"), "base")
    audio = build(typed(c, "audio_config", "dots3_note_audio_encoder"), "base")
    return multimodal(
        c,
        kind,
        build(language, "base"),
        (*vision.placed("vision_encoder."), *audio.placed("audio_encoder.")),
        text_prefix="model." if kind == "lm" else "",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        images=vision.images,
    )
