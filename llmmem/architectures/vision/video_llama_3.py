"""VideoLLaMA 3's vision tower: SigLIP's layers with rotary positions."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import conv, norm
from llmmem.parts.vision import vit_layer
from llmmem.tensors import Block, Film, Images, ModelSpec

#: pixels of a picture, as the processor's class bounds them
MIN_PIXELS, MAX_PIXELS = 56 * 56, 28 * 28 * 1280


def video_llama_3_vision(c: Config, head: str | None = None) -> ModelSpec:
    """VideoLlama3VisionModel (arXiv:2501.13106; transformers 5.23, models/video_llama_3)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = vit_layer(hidden, heads, head_dim, c.int("intermediate_size", default=3072))
    channels, patch = c.int("num_channels", default=3), c.pair("patch_size", default=16, least=1)
    blocks = [
        Block("vision", "embeddings.", conv("patch_embedding", hidden, channels, *patch, bias=True)),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
    ]
    film = Film(bound="shared", min_pixels=128 * 28 * 28, max_pixels=768 * 28 * 28, merge=2)
    images = Images(0, 0, hidden, patch=patch[0], min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, film=film)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
