"""Mistral Small 3.1 and what is built like it."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled
from llmmem.config import Config
from llmmem.parts.basic import linear, norm
from llmmem.tensors import ModelSpec

#: Mistral Small 3.1, which the class takes when there is no text_config
_TEXT = {
    "model_type": "mistral",
    "vocab_size": 131072,
    "hidden_size": 5120,
    "intermediate_size": 32768,
    "num_hidden_layers": 40,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 131072,
    "sliding_window": None,
}
#: its tower
_TOWER = {"model_type": "pixtral", "patch_size": 14, "image_size": 1540}


def mistral3(c: Config, head: str | None = None) -> ModelSpec:
    """Mistral3ForConditionalGeneration: neighbouring patches merge into one token (transformers 5.23, mistral3)."""
    text = build(filled(c, "text_config", _TEXT), "base")
    tower = build(filled(c, "vision_config", _TOWER), "base")
    merge = c.int("spatial_merge_size", default=2, least=1)
    cell = tower.hidden_size * merge**2
    projector = (
        *norm("norm", tower.hidden_size),
        *linear("patch_merger.merging_layer", cell, tower.hidden_size),
        *two_layers(
            tower.hidden_size * feature_layers(c),
            text.hidden_size,
            text.hidden_size,
            bias=c.bool("multimodal_projector_bias"),
        ),
    )
    images = tower.images and tower.images._replace(merge=merge)
    return bridged(c, head, text, tower, projector, tied=c.bool("tie_word_embeddings", default=True), images=images)


def feature_layers(c: Config) -> int:
    """How many layers of the tower are read side by side: one, or as many as vision_feature_layer lists."""
    layers = c.get("vision_feature_layer")
    return len(layers) if isinstance(layers, list) else 1
