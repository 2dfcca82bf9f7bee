"""InternVL 3."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.tiled import dynamic
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.tensors import ModelSpec


def internvl(c: Config, head: str | None = None) -> ModelSpec:
    """InternVLForConditionalGeneration (arXiv:2504.10479; transformers 5.23, models/internvl)."""
    text = build(c.sub("text_config", model_type="qwen2"), "base")
    tower = build(typed(c, "vision_config", "internvl_vision"), "base")
    cell = tower.hidden_size * int(1 / c.ratio("downsample_ratio", default=0.5)) ** 2
    projector = (*norm("layer_norm", cell, bias=True), *two_layers(cell, text.hidden_size, text.hidden_size))
    images = dynamic(c, tower.images)
    return bridged(c, head, text, tower, projector, tied=c.bool("tie_word_embeddings", default=True), images=images)
