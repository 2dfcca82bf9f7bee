"""MiniMax-M3's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import conv, norm
from llmmem.parts.vision import vit_layer
from llmmem.tensors import Block, Images, ModelSpec

#: pixels of a picture, as the processor's class bounds them
MIN_PIXELS, MAX_PIXELS = 4 * 28 * 28, 451584


def minimax_m3_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxM3VLVisionModel: CLIP's with rotary positions in three dimensions (transformers 5.23, minimax_m3_vl)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1280, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    patch = c.int("patch_size", default=14, least=1)
    frames, channels = c.int("temporal_patch_size", default=2), c.int("num_channels", default=3)
    layer = vit_layer(hidden, heads, head_dim, c.int("intermediate_size", default=5120))
    blocks = [
        Block("vision", "embeddings.", conv("proj", hidden, channels, frames, patch, patch)),
        Block("vision", "", norm("pre_layrnorm", hidden, bias=True)),
        *uniform("vision", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
    ]
    merge = c.int("spatial_merge_size", default=2, least=1)
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
