"""Llama 3.2 Vision: a language model some of whose layers read pictures."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of
from llmmem.architectures.multimodal.frame import language_only, multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import Block, ModelSpec


def mllama(c: Config, head: str | None = None) -> ModelSpec:
    """MllamaForConditionalGeneration (arXiv:2407.21783; transformers 5.23, models/mllama)."""
    language = typed(c, "text_config", "mllama_text_model")
    if head is None and architecture_of(c) == "MllamaForCausalLM":
        return language_only(c, language)
    text = build(language, "base")
    vision = typed(c, "vision_config", "mllama_vision_model")
    tower = build(vision, "base")
    # Vectors of some of the tower's layers stand beside those of its last one.
    width = vision.int("vision_output_dim", default=7680)
    projector = linear("multi_modal_projector", width, text.hidden_size, bias=True, cut=COLUMN)
    others = (*tower.placed("vision_model."), Block("projector", "", projector))
    return multimodal(c, head, text, others, images=tower.images)
