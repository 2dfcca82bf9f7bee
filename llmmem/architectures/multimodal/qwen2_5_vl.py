"""Qwen2-VL and Qwen2.5-VL."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def _model(c: Config, head: str | None, name: str) -> ModelSpec:
    kind = head_of(c, head)
    if c.get("text_config") is None:
        # Published files state the language model's sizes at the top.
        language = Config({**c.raw, "model_type": f"{name}_text"}, c.path, c.reads)
    else:
        language = typed(c, "text_config", f"{name}_text")
    tower = build(typed(c, "vision_config", f"{name}_vision"), "base")
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


def qwen2_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2VLForConditionalGeneration (arXiv:2409.12191; transformers 5.23, models/qwen2_vl)."""
    return _model(c, head, "qwen2_vl")


def qwen2_5_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5_VLForConditionalGeneration (arXiv:2502.13923; transformers 5.23, models/qwen2_5_vl)."""
    return _model(c, head, "qwen2_5_vl")
