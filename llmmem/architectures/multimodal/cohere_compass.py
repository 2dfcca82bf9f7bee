"""Command A's Compass models, which read pictures through Qwen3-VL's tower."""

from __future__ import annotations

from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.qwen3_vl import visual
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def cohere_compass(c: Config, head: str | None = None) -> ModelSpec:
    """CohereCompassForConditionalGeneration (transformers 5.23, models/cohere_compass)."""
    language, vision = (
        typed(c, "text_config", "cohere_compass_text"),
        typed(c, "vision_config", "cohere_compass_vision"),
    )
    return visual(c, head, language, vision)
