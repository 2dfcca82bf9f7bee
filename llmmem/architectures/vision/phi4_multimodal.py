"""The vision tower of Phi-4 Multimodal, SigLIP's."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import norm
from llmmem.parts.vision import attention_pooling, vit_embeddings, vit_layer
from llmmem.tensors import Block, Images, ModelSpec


def phi4_multimodal_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Phi4MultimodalVisionModel (arXiv:2503.01743; transformers 5.23, models/phi4_multimodal)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1152)
    heads = c.int("num_attention_heads", default=16, least=1)
    intermediate = c.int("intermediate_size", default=4304)
    patch = c.int("patch_size", default=14, least=1)
    side = c.int("image_size", default=448) // patch
    layer = vit_layer(hidden, heads, divide(c, "hidden_size over num_attention_heads", hidden, heads), intermediate)
    channels = c.int("num_channels", default=3)
    stem = vit_embeddings(hidden, channels, (patch, patch), side * side, class_token=False, bias=True)
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=27), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
        Block("vision", "head.", attention_pooling(hidden, intermediate)),
    ]
    crop = c.int("crop_size", default=448)
    patches = (crop // patch) ** 2
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(patches, patches, hidden, (crop, crop)))
