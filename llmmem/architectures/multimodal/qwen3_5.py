"""Qwen3.5 with pictures, dense and with experts."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, labels
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.tensors import ModelSpec


def _model(c: Config, head: str | None, name: str, causal: str, *, labelled: bool) -> ModelSpec:
    kind = head_of(c, head)
    language = typed(c, "text_config", f"{name}_text")
    if head is None and architecture_of(c) == causal:
        return language_only(c, language)
    text = build(language, "base")
    tower = build(typed(c, "vision_config", f"{name}_vision"), "base")
    base = "" if kind == "base" else "model."
    tops = {kind: linear("score", text.hidden_size, labels(c), bias=kind == "token", role="head")}
    # Deep prediction layers stand at the top of the file.
    deep = [b for b in text.blocks if not b.loaded]
    return multimodal(
        c,
        kind,
        text._replace(blocks=tuple(b for b in text.blocks if b.loaded)),
        (*tower.placed(f"{base}visual."), *deep),
        text_prefix=f"{base}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        tops=tops if labelled and kind in ("sequence", "token") else None,
        images=tower.images,
    )


def qwen3_5(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3_5ForConditionalGeneration (transformers 5.23, models/qwen3_5)."""
    return _model(c, head, "qwen3_5", "Qwen3_5ForCausalLM", labelled=True)


def qwen3_5_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3_5MoeForConditionalGeneration (transformers 5.23, models/qwen3_5_moe)."""
    return _model(c, head, "qwen3_5_moe", "Qwen3_5MoeForCausalLM", labelled=False)
