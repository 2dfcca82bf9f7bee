"""ALIGN: BERT and an EfficientNet that meet in one space."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, model_spec, no_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear, scalars
from llmmem.tensors import Block, ModelSpec


def align(c: Config, head: str | None = None) -> ModelSpec:
    """AlignModel (arXiv:2102.05918; transformers 5.23, models/align)."""
    no_head(c, head)
    text = build(typed(c, "text_config", "align_text_model"), "base")
    vision = build(typed(c, "vision_config", "align_vision_model"), "base")
    # The pooled picture is in the shared space as it is.
    shared = c.int("projection_dim", default=640)
    projector = (
        *scalars("temperature"),
        *linear("text_projection", text.hidden_size, shared, bias=True, cut=COLUMN),
    )
    blocks = (*text.placed("text_model."), *vision.placed("vision_model."), Block("projector", "", projector))
    spec = model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
    # A picture becomes no token of the text.
    images = vision.images._replace(tokens=0) if vision.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or text.dtype)
