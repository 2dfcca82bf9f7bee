"""Kimi-VL: DeepSeek-V3's language model in small, and MoonViT."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.vision.kimi_k25 import tower
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.tensors import Block, ModelSpec, Work


def kimi_vl(c: Config, head: str | None = None) -> ModelSpec:
    """KimiVLForConditionalGeneration (arXiv:2504.07491; code that comes with moonshotai/Kimi-VL-A3B-Instruct)."""
    text = build(c.sub("text_config", model_type="deepseek_v3"), "lm")
    vision = typed(c, "vision_config", "moonvit")
    pictures = tower(vision, published=True)
    high, wide = vision.pair("merge_kernel_size", default=2, least=1)
    cell = pictures.hidden_size * high * wide
    projector = (*norm("pre_norm", pictures.hidden_size, bias=True), *two_layers(cell, cell, text.hidden_size))
    others = (
        *pictures.placed("vision_tower."),
        # One cell of merged patches passes as one token.
        Block("projector", "multi_modal_projector.", projector, work=(Work("mlp", 2 * pictures.hidden_size),)),
    )
    # Its films are not those of Kimi K2.5.
    images = pictures.images._replace(film=None) if pictures.images else None
    return multimodal(c, "lm", text, others, text_prefix="language_model.", head_prefix=None, images=images)
