"""PaddleOCR-VL: ERNIE 4.5 that reads pages."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.tensors import Block, ModelSpec


def paddleocr_vl(c: Config, head: str | None = None) -> ModelSpec:
    """PaddleOCRVLForConditionalGeneration (arXiv:2510.14528; transformers 5.23, models/paddleocr_vl).

    The names are those of published files; the base model alone has others.
    """
    kind = head_of(c, head)
    language = typed(c, "text_config", "paddleocr_vl_text")
    told = [c, language]
    if c.get("text_config") is None:
        # Published files state the language model's sizes at the top.
        language = Config({**c.raw, "model_type": "paddleocr_vl_text"}, c.path, c.reads)
    vision = typed(c, "vision_config", "paddleocr_vl_vision")
    text, tower = build(language, "base"), build(vision, "base")
    # The patches are normed first, and then a square of them becomes one token.
    cell = tower.hidden_size * vision.int("spatial_merge_size", default=2, least=1) ** 2
    projector = (*norm("pre_norm", tower.hidden_size, bias=True), *two_layers(cell, cell, text.hidden_size))
    alone = kind == "base"
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed("visual."),
            Block("projector", "projector." if alone else "mlp_AR.", projector),
        ),
        text_prefix="language_model." if alone else "model.",
        head_prefix="",
        # Either config can say so, and both do unless told otherwise.
        tied=any(config.bool("tie_word_embeddings", default=True) for config in told),
        images=tower.images,
    )
