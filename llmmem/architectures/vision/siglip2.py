"""SigLIP 2's vision tower: pictures of any shape, in as many patches at most."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, linear, norm, positions
from llmmem.parts.vision import attention_pooling, vit_layer
from llmmem.tensors import Block, Images, ModelSpec


def siglip2_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Siglip2VisionModel (arXiv:2502.14786; transformers 5.23, models/siglip2)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=3072)
    patch, patches = c.int("patch_size", default=16, least=1), c.int("num_patches", default=256)
    pixels = c.int("num_channels", default=3) * patch * patch
    stem = (
        *linear("patch_embedding", pixels, hidden, bias=True, cut=COLUMN),
        *positions("position_embedding", patches, hidden),
    )
    layer = vit_layer(hidden, heads, head_dim, intermediate)
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
    ]
    if c.bool("vision_use_head", default=True):
        blocks.append(Block("vision", "head.", attention_pooling(hidden, intermediate)))
    # Its processor fills every picture up to that many patches.
    side = int(patches**0.5) * patch
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(patches, patches, hidden, (side, side)))
