"""Llama 4 with pictures."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of, refuse_head
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import Block, ModelSpec


def llama4(c: Config, head: str | None = None) -> ModelSpec:
    """Llama4ForConditionalGeneration, the only class of its type (transformers 5.23, models/llama4)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    # A causal language model of its own stands inside, with its head and its own word on tying.
    text = build(typed(c, "text_config", "llama4_text"), "lm")
    vision = typed(c, "vision_config", "llama4_vision_model")
    tower = build(vision, "base")
    projector = linear("linear_1", vision.int("vision_output_dim", default=7680), text.hidden_size, cut=COLUMN)
    return multimodal(
        c,
        kind,
        text,
        (*tower.placed("vision_model."), Block("projector", "multi_modal_projector.", projector)),
        text_prefix="language_model.",
        head_prefix=None,
        images=tower.images,
    )
