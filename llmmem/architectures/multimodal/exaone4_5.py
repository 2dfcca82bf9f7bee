"""EXAONE 4.5."""

from __future__ import annotations

from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.qwen3_vl import visual
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def exaone4_5(c: Config, head: str | None = None) -> ModelSpec:
    """Exaone4_5_ForConditionalGeneration (transformers 5.23, models/exaone4_5)."""
    language = c.sub("text_config", model_type="exaone4")
    if language.str("model_type") == "exaone4_5_text":  # its older name
        language = Config({**language.raw, "model_type": "exaone4"}, language.path, language.reads)
    return visual(c, head, language, typed(c, "vision_config", "exaone4_5_vision"))
