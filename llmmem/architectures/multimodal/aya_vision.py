"""Aya Vision."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.llava_next import SIGLIP
from llmmem.architectures.multimodal.tiled import beside_whole, shuffled
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import ModelSpec, Tiles


def aya_vision(c: Config, head: str | None = None) -> ModelSpec:
    """AyaVisionForConditionalGeneration (arXiv:2505.08751; transformers 5.23, models/aya_vision)."""
    text = build(c.sub("text_config", model_type="cohere2"), "base")
    tower = build(filled(c, "vision_config", {**SIGLIP, "num_attention_heads": 14}), "base")
    by = c.int("downsample_factor", default=2, least=1)
    cell = tower.hidden_size * by**2
    inner = c.int("alignment_intermediate_size", default=text.hidden_size)
    projector = (
        *norm("layernorm", cell, bias=True),
        *linear("linear_1", cell, inner, bias=True, cut=COLUMN),
        # Half of it gates the other half.
        *linear("linear_2", inner // 2, text.hidden_size, bias=True, cut=ROW),
    )
    images = beside_whole(shuffled(tower.images, by), Tiles("closest", 12, each=1), around=3)
    return bridged(c, head, text, tower, projector, tied=c.bool("tie_word_embeddings", default=True), images=images)
