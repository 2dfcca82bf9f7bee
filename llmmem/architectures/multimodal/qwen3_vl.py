"""Qwen3-VL, dense and with experts."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def visual(c: Config, head: str | None, language: Config, vision: Config, *, text_ties: bool = False) -> ModelSpec:
    """A tower ``visual`` beside a ``language_model``, and a head at the top.

    Args:
        text_ties: the language model's config too can say that the head is the table of embeddings.
    """
    kind = head_of(c, head)
    tower = build(vision, "base")
    prefix = "" if kind == "base" else "model."
    return multimodal(
        c,
        kind,
        build(language, "base"),
        tower.placed(f"{prefix}visual."),
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings") or (text_ties and language.bool("tie_word_embeddings")),
        images=tower.images,
    )


def _model(c: Config, head: str | None, name: str) -> ModelSpec:
    language, vision = typed(c, "text_config", f"{name}_text"), typed(c, "vision_config", f"{name}_vision")
    return visual(c, head, language, vision)


def qwen3_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLForConditionalGeneration (arXiv:2511.21631; transformers 5.23, models/qwen3_vl)."""
    return _model(c, head, "qwen3_vl")


def qwen3_vl_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLMoeForConditionalGeneration (transformers 5.23, models/qwen3_vl_moe)."""
    return _model(c, head, "qwen3_vl_moe")
