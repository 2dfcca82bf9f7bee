"""GLM-4.1V, GLM-4.5V, GLM-4.6V, GLM-OCR and GLM-5.3 Flash."""

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


def glm5_next(c: Config, head: str | None = None) -> ModelSpec:
    """Glm5NextForConditionalGeneration (transformers 5.23, models/glm5_next)."""
    language, vision = typed(c, "text_config", "glm5_next_text"), typed(c, "vision_config", "glm5_next_vision")
    if c.get("text_config") is None:
        # Without one the language model's sizes stand at the top.
        language = Config({**c.raw, "model_type": "glm5_next_text"}, c.path, c.reads)
    return visual(c, head, language, vision)
