"""SigLIP's vision tower, and Idefics 3's, which is one with other defaults."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.basic import norm
from llmmem.parts.vision import attention_pooling, vit_embeddings, vit_layer
from llmmem.tensors import Block, Images, ModelSpec


def siglip_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """SiglipVisionModel (arXiv:2303.15343; transformers 5.23, models/siglip)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=12, least=1)
    intermediate = c.int("intermediate_size", default=3072)
    grid = fixed_grid(c, image=224, patch=16)
    channels = c.int("num_channels", default=3)
    layer = vit_layer(
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads),
        intermediate,
        act=c.str("hidden_act", default="gelu_pytorch_tanh"),
    )
    stem = vit_embeddings(hidden, channels, grid.patch, grid.patches, class_token=False, bias=True)
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
    ]
    if c.bool("vision_use_head", default=True):
        blocks.append(Block("vision", "head.", attention_pooling(hidden, intermediate)))
    images = Images(grid.patches, grid.patches, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)


def idefics3_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Idefics3VisionTransformer and SmolVLMVisionTransformer (arXiv:2408.12637; transformers 5.23, models/idefics3)."""
    defaults = {"hidden_size": 1152, "num_attention_heads": 16, "patch_size": 32}
    return siglip_vision_model(Config({**defaults, **c.raw, "vision_use_head": False}, c.path, c.reads), head)


def idefics2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Idefics2VisionTransformer (arXiv:2405.02246; transformers 5.23, models/idefics2)."""
    return siglip_vision_model(Config({"patch_size": 32, **c.raw, "vision_use_head": False}, c.path, c.reads), head)
