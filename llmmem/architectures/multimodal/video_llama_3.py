"""VideoLLaMA 3."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, ModelSpec


def video_llama_3(c: Config, head: str | None = None) -> ModelSpec:
    """VideoLlama3ForConditionalGeneration (arXiv:2501.13106; transformers 5.23, models/video_llama_3)."""
    language = c.sub("text_config", model_type="qwen2")
    text = build(language, "base")
    tower = build(typed(c, "vision_config", "video_llama_3_vision"), "base")
    projector = (
        *linear("0", tower.hidden_size, text.hidden_size, bias=True, cut=COLUMN),
        *linear("2", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_model."), Block("projector", "projector.readout.", projector))
    # Either of the two configs can say that the head is the table of embeddings.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    return inner(c, head, text, others, tied=tied, images=tower.images)
