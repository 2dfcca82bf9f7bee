"""ERNIE 4.5 VL's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Film, Images, ModelSpec, join

#: pixels of a picture, as the processor's class bounds them
MIN_PIXELS, MAX_PIXELS = 56 * 56, 28 * 28 * 6177


def ernie4_5_vl_moe_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Ernie4_5_VLMoeVisionTransformerPretrainedModel (arXiv:2509.18883; transformers 5.23, ernie4_5_vl_moe)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1280, least=1)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    patch, merge = c.int("patch_size", default=14, least=1), c.int("spatial_merge_size", default=2, least=1)
    layer = join(
        norm("norm1", hidden, bias=True),
        norm("norm2", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=5120)),
    )
    pixels = c.int("in_channels", default=3) * patch**2
    blocks = [
        Block("vision", "patch_embed.", linear("proj", pixels, hidden, cut=COLUMN)),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", "depth", default=32), layer),
        Block("vision", "", norm("ln", hidden, bias=True)),
    ]
    film = Film(every=2, min_pixels=299 * 28 * 28, max_pixels=1196 * 28 * 28)
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, film=film)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
