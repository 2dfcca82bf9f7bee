"""GLM-4.1V, GLM-4.5V, GLM-4.6V and GLM-OCR."""

from __future__ import annotations

from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.qwen3_vl import visual
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def _model(c: Config, head: str | None, name: str) -> ModelSpec:
    language, vision = typed(c, "text_config", f"{name}_text"), typed(c, "vision_config", f"{name}_vision")
    return visual(c, head, language, vision, text_ties=True)


def glm4v(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4vForConditionalGeneration (arXiv:2507.01006; transformers 5.23, models/glm4v)."""
    return _model(c, head, "glm4v")


def glm4v_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4vMoeForConditionalGeneration (transformers 5.23, models/glm4v_moe)."""
    return _model(c, head, "glm4v_moe")


def glm46v(c: Config, head: str | None = None) -> ModelSpec:
    """Glm46VForConditionalGeneration: either of them, as its sub-configs say (transformers 5.23, models/glm46v)."""
    language = c.sub("text_config", model_type="glm4v_text")
    return visual(c, head, language, c.sub("vision_config", model_type="glm4v_vision"))


def glm_ocr(c: Config, head: str | None = None) -> ModelSpec:
    """GlmOcrForConditionalGeneration (transformers 5.23, models/glm_ocr)."""
    return _model(c, head, "glm_ocr")
