"""FastVLM."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.inner import inner
from llmmem.architectures.vision.fastvit import fastvit
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.tensors import Block, ModelSpec

#: what the class takes when there is no text_config and no vision_config
_TEXT = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "vocab_size": 152128,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "num_hidden_layers": 28,
}
_TOWER = {
    "model_type": "timm_wrapper",
    "architecture": "fastvit_mci3",
    "hidden_size": 3072,
    "model_args": {"inference_mode": True},
}


def fast_vlm(c: Config, head: str | None = None) -> ModelSpec:
    """FastVlmForConditionalGeneration (arXiv:2412.13303; transformers 5.23, models/fast_vlm)."""
    language, vision = filled(c, "text_config", _TEXT), filled(c, "vision_config", _TOWER)
    if vision.str("model_type") != "timm_wrapper":
        raise UnsupportedArchitectureError(
            f"llmmem does not know FastVLM with a {vision.str('model_type')[:40]} tower.", "Known: timm_wrapper."
        )
    text, tower = build(language, "base"), fastvit(vision, "base")
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = two_layers(tower.hidden_size, text.hidden_size, text.hidden_size, bias=bias)
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    # The text config's own flag counts too.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    return inner(c, head, text, others, tied=tied, images=tower.images)
