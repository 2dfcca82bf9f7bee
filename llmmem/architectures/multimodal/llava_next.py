"""LLaVA-NeXT and LLaVA-OneVision: pictures in tiles, with a learned end of line."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.bridge import bridged
from llmmem.architectures.multimodal.frame import filled
from llmmem.architectures.multimodal.llava import TOWER
from llmmem.architectures.multimodal.mistral3 import feature_layers
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.tensors import ModelSpec

#: SigLIP So400m/14 at 384 pixels without its last layer, which OneVision takes when there is no vision_config
SIGLIP = {
    "model_type": "siglip_vision_model",
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 26,
    "num_attention_heads": 16,
    "patch_size": 14,
    "image_size": 384,
    "vision_use_head": False,
}


def _model(c: Config, head: str | None, text: ModelSpec, tower: ModelSpec, *, tied: bool) -> ModelSpec:
    bias = c.bool("multimodal_projector_bias", default=True)
    projector = two_layers(tower.hidden_size * feature_layers(c), text.hidden_size, text.hidden_size, bias=bias)
    newline = scalars("image_newline", text.hidden_size)
    return bridged(c, head, text, tower, projector, tied=tied, extra=newline)


def llava_next(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaNextForConditionalGeneration (transformers 5.23, models/llava_next)."""
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(filled(c, "vision_config", TOWER), "base")
    return _model(c, head, text, tower, tied=c.bool("tie_word_embeddings"))


def llava_onevision(c: Config, head: str | None = None) -> ModelSpec:
    """LlavaOnevisionForConditionalGeneration (arXiv:2408.03326; transformers 5.23, models/llava_onevision)."""
    language = c.sub("text_config", model_type="qwen2")
    tower = build(filled(c, "vision_config", SIGLIP), "base")
    # The language model's own default counts where neither config says anything.
    tied = c.bool("tie_word_embeddings") or bool(build(language, "lm").tied)
    return _model(c, head, build(language, "base"), tower, tied=tied)
