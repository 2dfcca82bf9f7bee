"""Ovis 2: a table of visual words beside the language model's own."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import Block, ModelSpec, Tensor


def ovis2(c: Config, head: str | None = None) -> ModelSpec:
    """Ovis2ForConditionalGeneration (arXiv:2405.20797; transformers 5.23, models/ovis2)."""
    text = build(c.sub("text_config", model_type="qwen2"), "base")
    vision = typed(c, "vision_config", "ovis2_vision")
    tower = build(vision, "base")
    hidden = c.int("hidden_size", default=1536)
    words = Tensor("weight", (vision.int("vocab_size", default=16384), hidden), "embedding", 0)
    others = (*tower.placed("vision_tower."), Block("projector", "visual_embeddings_table.", (words,)))
    tied = c.bool("tie_word_embeddings", default=True)
    # The wrapper's own sizes count for the head.
    vocab = c.int("vocab_size", default=151643)
    top = None if tied else linear("lm_head", hidden, vocab, cut=COLUMN, role="head")
    # Large pictures are cut into tiles.
    return inner(c, head, text, others, tied=tied, images=None, top=top)
