"""The part of Qwen-Omni that sees, hears and thinks."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


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
    )


def qwen2_5_omni_thinker(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniThinkerForConditionalGeneration (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    return _thinker(c, head, "qwen2_5_omni")


def qwen3_omni_moe_thinker(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeThinkerForConditionalGeneration (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    return _thinker(c, head, "qwen3_omni_moe")
