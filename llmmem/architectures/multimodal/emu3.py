"""Emu3: one language model that reads and writes texts and pictures."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def emu3(c: Config, head: str | None = None) -> ModelSpec:
    """Emu3ForConditionalGeneration (arXiv:2409.18869; transformers 5.23, models/emu3)."""
    language = typed(c, "text_config", "emu3_text_model")
    if head is None and architecture_of(c) == "Emu3ForCausalLM":
        return language_only(c, language)
    tokenizer = build(typed(c, "vq_config", "emu3_vqgan"), "base")
    return multimodal(
        c,
        head,
        build(language, "base"),
        tokenizer.placed("vqmodel."),
        text_prefix="text_model.model.",
        head_prefix="text_model.",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings"),
        images=tokenizer.images,
    )
