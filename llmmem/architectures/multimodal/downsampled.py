"""LFM2-VL and Command A Vision: neighbouring patches are put side by side before they become tokens."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec

#: SigLIP at 512 pixels, which Command A Vision takes when there is no vision_config
_SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 3072,
    "image_size": 512,
    "num_hidden_layers": 27,
    "num_attention_heads": 12,
}


def lfm2_vl(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm2VlForConditionalGeneration (transformers 5.23, models/lfm2_vl)."""
    text = build(c.sub("text_config", model_type="lfm2"), "base")
    tower = build(c.sub("vision_config", model_type="siglip2_vision_model"), "base")
    cell = tower.hidden_size * c.int("downsample_factor", default=2, least=1) ** 2
    inside, bias = c.int("projector_hidden_size", default=2560), c.bool("projector_bias", default=True)
    projector = two_layers(cell, inside, text.hidden_size, bias=bias)
    if c.bool("projector_use_layernorm", default=True):
        projector = (*norm("layer_norm", cell, bias=True), *projector)
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    # Its older spelling wins.
    tied = c.bool("tie_embedding", "tie_word_embeddings", default=True)
    return inner(c, head, text, others, tied=tied, images=None)


def cohere2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Cohere2VisionForConditionalGeneration (transformers 5.23, models/cohere2_vision)."""
    text = build(c.sub("text_config", model_type="cohere2"), "base")
    tower = build(filled(c, "vision_config", _SIGLIP), "base")
    cell = tower.hidden_size * c.int("downsample_factor", default=2, least=1) ** 2
    inside = c.int("alignment_intermediate_size", default=36864)
    projector = (
        *linear("linear_1", cell, inside, bias=True, cut=COLUMN),
        # Half of it gates the other half.
        *linear("linear_2", inside // 2, text.hidden_size, bias=True, cut=ROW),
    )
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    tied = c.bool("tie_word_embeddings", default=True)
    return inner(c, head, text, others, tied=tied, images=None)
