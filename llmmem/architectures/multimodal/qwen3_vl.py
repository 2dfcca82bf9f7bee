"""Qwen3-VL, dense and with experts."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def visual(
    c: Config, head: str | None, text_type: str, vision_type: str, *, tied: bool = False, fallback: bool = False
) -> ModelSpec:
    """A tower ``visual`` beside a ``language_model``, both of fixed classes, and a head at the top.

    Args:
        tied: the class default of ``tie_word_embeddings``, which only the wrapper's own config decides.
        fallback: files without a text_config state the language model's sizes at the top.
    """
    kind = head_of(c, head)
    if fallback and c.get("text_config") is None:
        language = Config({**c.raw, "model_type": text_type}, c.path, c.reads)
    else:
        language = typed(c, "text_config", text_type)
    tower = build(typed(c, "vision_config", vision_type), "base")
    prefix = "" if kind == "base" else "model."
    return multimodal(
        c,
        kind,
        build(language, "base"),
        tower.placed(f"{prefix}visual."),
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings", default=tied),
        images=tower.images,
    )


def qwen3_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLForConditionalGeneration (arXiv:2511.21631; transformers 5.23, models/qwen3_vl)."""
    return visual(c, head, "qwen3_vl_text", "qwen3_vl_vision")


def qwen3_vl_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLMoeForConditionalGeneration (transformers 5.23, models/qwen3_vl_moe)."""
    return visual(c, head, "qwen3_vl_moe_text", "qwen3_vl_moe_vision")
