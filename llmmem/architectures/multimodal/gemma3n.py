"""Gemma 3n with pictures and sound."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, linear, norm
from llmmem.tensors import Block, ModelSpec, Sound


def _embedder(tower: Config, hidden: int, text: int) -> Tensors:
    """Tokens of a tower's own, its soft tokens, and the way into the language model."""
    return (
        *embedding("embedding", tower.int("vocab_size", default=128), hidden),
        *norm("hard_embedding_norm", hidden),
        *norm("soft_embedding_norm", hidden),
        *linear("embedding_projection", hidden, text),
    )


def gemma3n(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma3nForConditionalGeneration (transformers 5.23, models/gemma3n)."""
    kind = head_of(c, head)
    language = typed(c, "text_config", "gemma3n_text")
    if head is None and architecture_of(c) == "Gemma3nForCausalLM":
        return language_only(c, language)
    text = build(language, "base")
    vision, audio = typed(c, "vision_config", "gemma3n_vision"), typed(c, "audio_config", "gemma3n_audio")
    eye, ear = build(vision, "base"), build(audio, "base")
    base = "" if kind == "base" else "model."
    tokens = c.int("vision_soft_tokens_per_image", default=256)
    return multimodal(
        c,
        kind,
        text,
        (
            *eye.placed(f"{base}vision_tower."),
            *ear.placed(f"{base}audio_tower."),
            Block("projector", f"{base}embed_vision.", _embedder(vision, eye.hidden_size, text.hidden_size)),
            Block("projector", f"{base}embed_audio.", _embedder(audio, ear.hidden_size, text.hidden_size)),
        ),
        text_prefix=f"{base}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings", default=True, null=False),
        images=eye.images._replace(tokens=tokens) if eye.images else None,
    )._replace(sound=_sound(c, ear.hidden_size))


def _sound(c: Config, hidden: int) -> Sound:
    """Half a minute at most; any sound becomes as many tokens."""
    tokens = c.int("audio_soft_tokens_per_image", default=188)
    return Sound(hidden, convs=((3, 2, 1), (3, 2, 1)), most=30, tokens=tokens)
