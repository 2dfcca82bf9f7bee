"""Kimi K2.5: DeepSeek-V3's language model, and a tower for pictures and films."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.vision.kimi_k25 import tower
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec, Work


def kimi_k25(c: Config, head: str | None = None) -> ModelSpec:
    """Kimi_K25ForConditionalGeneration (transformers 5.23, models/kimi_k25), under the names it stores.

    They differ from those of published files in three places: the language model's ``blocks``, the norm before the
    projector and the convolution of the tower.
    """
    text = build(c.sub("text_config", model_type="deepseek_v3"), "base")
    blocks = (b._replace(prefix=b.prefix.replace("layers.", "blocks.")) if b.loaded else b for b in text.blocks)
    vision = typed(c, "vision_config", "kimi_k25_vision")
    pictures = tower(vision, published=True)
    high, wide = vision.pair("merge_kernel_size", default=2, least=1)
    cell = pictures.hidden_size * high * wide
    projector = (
        *linear("proj.0", cell, cell, bias=True, cut=COLUMN),
        *linear("proj.2", cell, text.hidden_size, bias=True, cut=ROW),
    )
    before = norm("pre_norm", c.int("projection_hidden_size", default=1152), bias=True)
    return multimodal(
        c,
        head,
        text._replace(blocks=tuple(blocks)),
        (
            *pictures.placed("vision_tower."),
            Block("projector", "model.mm_projector.", before),
            # One cell of merged patches passes as one token.
            Block("projector", "mm_projector.", projector, work=(Work("mlp", 2 * pictures.hidden_size),)),
        ),
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
        images=pictures.images,
    )
