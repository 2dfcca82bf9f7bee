"""HyperCLOVA X Vision."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import Block, ModelSpec


def hyperclovax_vision_v2(c: Config, head: str | None = None) -> ModelSpec:
    """HyperCLOVAXVisionV2ForConditionalGeneration: Qwen2.5-VL's tower (transformers 5.23)."""
    vision = c.sub("vision_config", model_type="qwen2_5_vl_vision")
    if vision.str("model_type") == "qwen2_5_vl":  # as published files have it
        vision = Config({**vision.raw, "model_type": "qwen2_5_vl_vision"}, vision.path, vision.reads)
    text, tower = build(c.sub("text_config", model_type="hyperclovax"), "base"), build(vision, "base")
    kind = head_of(c, head)
    prefix = "" if kind == "base" else "model."
    # One cell of merged patches passes as one token.
    width = vision.int("out_hidden_size", default=3584)
    projector = linear(
        "projector" if kind == "base" else "vision_projector", width, text.hidden_size, bias=True, cut=COLUMN
    )
    return multimodal(
        c,
        kind,
        text,
        (*tower.placed(f"{prefix}vision_model."), Block("projector", prefix, projector)),
        text_prefix=f"{prefix}language_model.",
        head_prefix="model.language_model.",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
        images=tower.images,
    )
