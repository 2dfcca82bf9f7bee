"""LFM3-VL."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.tensors import Block, ModelSpec


def lfm3_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm3VlForConditionalGeneration (transformers 5.23, models/lfm3_vl)."""
    text = build(c.sub("text_config", model_type="lfm3"), "base")
    vision = typed(c, "vision_config", "lfm3_vl_vision")
    tower = build(vision, "base")
    # The patches are normed first, and then a square of them becomes one token.
    cell = tower.hidden_size * vision.int("spatial_merge_size", default=2, least=1) ** 2
    inside, bias = c.int("projector_hidden_size", default=4096), c.bool("projector_bias", default=True)
    projector = (
        *norm("layer_norm", tower.hidden_size, bias=True),
        *two_layers(cell, inside, text.hidden_size, bias=bias),
    )
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    return inner(c, head, text, others, tied=c.bool("tie_word_embeddings", default=True), images=None)
