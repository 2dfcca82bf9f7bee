"""Qwen2.5-VL."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def qwen2_5_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5_VLForConditionalGeneration (arXiv:2502.13923; transformers 5.23, models/qwen2_5_vl)."""
    kind = head_of(c, head)
    if c.get("text_config") is None:
        # Published files state the language model's sizes at the top.
        language = Config({**c.raw, "model_type": "qwen2_5_vl_text"}, c.path, c.reads)
    else:
        language = typed(c, "text_config", "qwen2_5_vl_text")
    tower = build(typed(c, "vision_config", "qwen2_5_vl_vision"), "base")
    return multimodal(
        c,
        kind,
        build(language, "base"),
        tower.placed("visual."),
        text_prefix="model." if kind == "lm" else "language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings") or language.bool("tie_word_embeddings"),
        images=tower.images,
    )
