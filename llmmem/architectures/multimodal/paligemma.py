"""PaliGemma."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import ModelSpec

#: SigLIP So400m/14 at 224 pixels, which the class takes when there is no vision_config
_TOWER = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 4096,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "patch_size": 14,
    "image_size": 224,
    "vision_use_head": False,
}
#: Gemma 2B with more words
_TEXT = {
    "model_type": "gemma",
    "vocab_size": 257152,
    "hidden_size": 2048,
    "intermediate_size": 16384,
    "num_hidden_layers": 18,
    "num_attention_heads": 8,
    "num_key_value_heads": 1,
}


def paligemma(c: Config, head: str | None = None) -> ModelSpec:
    """PaliGemmaForConditionalGeneration (arXiv:2407.07726; transformers 5.23, models/paligemma)."""
    text = build(filled(c, "text_config", _TEXT), "base")
    tower = build(filled(c, "vision_config", _TOWER), "base")
    # The wrapper's width replaces the tower's own.
    shared = c.int("projection_dim", default=2048)
    projector = linear("linear", tower.hidden_size, shared, bias=True, cut=COLUMN)
    tied = c.bool("tie_word_embeddings", default=True)
    return bridged(c, head, text, tower, projector, tied=tied, images=tower.images)
