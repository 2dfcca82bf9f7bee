"""Perception LM."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.inner import inner
from llmmem.architectures.multimodal.tiled import beside_whole, shuffled
from llmmem.architectures.vision.perception import perception_encoder
from llmmem.config import Config
from llmmem.tensors import Block, ModelSpec, Tiles


def perception_lm(c: Config, head: str | None = None) -> ModelSpec:
    """PerceptionLMForConditionalGeneration (arXiv:2504.13180; transformers 5.23, models/perception_lm)."""
    language = c.sub("text_config", model_type="llama")
    text = build(language, "base")
    tower = perception_encoder(c.sub("vision_config", model_type="timm_wrapper"))
    projector = two_layers(tower.hidden_size, text.hidden_size, text.hidden_size)
    others = (*tower.placed("vision_tower."), Block("projector", "multi_modal_projector.", projector))
    # Where the wrapper says nothing, the language model's flag counts.
    tied = c.bool("tie_word_embeddings", default=bool(build(language, "lm").tied))
    # The class vector is left out, and neighbouring patches are pooled.
    pooled = shuffled(tower.images, c.int("projector_pooling_ratio", default=1, least=1))
    images = beside_whole(pooled, Tiles("filling", 36), around=0)
    return inner(c, head, text, others, tied=tied, images=images)
