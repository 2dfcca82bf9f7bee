"""Qwen4-Exp."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def qwen4_exp(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen4ExpForConditionalGeneration (transformers 5.23, models/qwen4_exp)."""
    language = typed(c, "text_config", "qwen4_exp_text")
    if head is None and architecture_of(c) == "Qwen4ExpForCausalLM":
        return language_only(c, language)
    kind = head_of(c, head)
    tower = build(typed(c, "vision_config", "qwen4_exp_vision"), "base")
    prefix = "model." if kind == "lm" else ""
    return multimodal(
        c,
        kind,
        build(language, "base"),
        tower.placed(f"{prefix}visual."),
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        images=tower.images,
    )
