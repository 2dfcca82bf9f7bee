"""Llama 4 with pictures."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, refuse_head
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.architectures.multimodal.tiled import beside_whole
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import Block, ModelSpec, Tiles


def llama4(c: Config, head: str | None = None) -> ModelSpec:
    """Llama4ForConditionalGeneration (transformers 5.23, models/llama4)."""
    kind = head_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    language = typed(c, "text_config", "llama4_text")
    if head is None and architecture_of(c) == "Llama4ForCausalLM":
        return language_only(c, language)
    # That class stands inside, with its own head and its own word on tying.
    text = build(language, "lm")
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
        images=beside_whole(tower.images, Tiles("canvas", 16, between=1, row=1), around=3),
    )
