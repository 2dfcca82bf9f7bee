"""LightOnOCR: Mistral Small 3.1's way of reading pictures for a small Qwen3."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import linear, norm
from llmmem.tensors import Block, ModelSpec

#: what the class takes when there is no text_config
_TEXT = {
    "model_type": "qwen3",
    "vocab_size": 151936,
    "hidden_size": 1024,
    "intermediate_size": 3072,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40960,
    "sliding_window": None,
}
#: ... and when there is no vision_config
_TOWER = {"model_type": "pixtral", "patch_size": 14, "image_size": 1540}


def lighton_ocr(c: Config, head: str | None = None) -> ModelSpec:
    """LightOnOcrForConditionalGeneration (arXiv:2601.14251; transformers 5.23, models/lighton_ocr)."""
    text = build(filled(c, "text_config", _TEXT), "base")
    tower = build(filled(c, "vision_config", _TOWER), "base")
    width, merge = tower.hidden_size, c.int("spatial_merge_size", default=2, least=1)
    projector = (
        *norm("norm", width),
        *linear("patch_merger.merging_layer", width * merge**2, width),
        *two_layers(width, text.hidden_size, text.hidden_size, bias=False),
    )
    others = (*tower.placed("vision_encoder."), Block("projector", "vision_projection.", projector))
    images = tower.images and tower.images._replace(merge=merge, fit="boxed patches", line=0)
    return inner(c, head, text, others, tied=c.bool("tie_word_embeddings", default=True), images=images)
