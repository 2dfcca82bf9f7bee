"""InternVL chat models with their own code: InternViT, a projector, any language model."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec


def internvl_chat(c: Config, head: str | None = None) -> ModelSpec:
    """InternVLChatModel (arXiv:2404.16821; code that comes with OpenGVLab/InternVL2-8B).

    Reproduces the published counts of InternVL2-8B and InternVL3-8B.
    """
    text = build(c.sub("llm_config"), "lm")
    tower = build(typed(c, "vision_config", "intern_vit_6b"), "base")
    # Squares of neighbouring vectors come in side by side.
    cell = tower.hidden_size * int(1 / c.ratio("downsample_ratio", default=0.5)) ** 2
    projector = (
        *norm("0", cell, bias=True),
        *linear("1", cell, text.hidden_size, bias=True, cut=COLUMN),
        *linear("3", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_model."), Block("projector", "mlp1.", projector))
    return multimodal(c, "lm", text, others, text_prefix="language_model.", head_prefix=None, notes=(NOT_SIZED,))
