"""Qwen3.5's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Film, Images, ModelSpec, Work, join

#: pixels of a picture, as the published preprocessor_config.json files bound them
MIN_PIXELS, MAX_PIXELS = 65536, 16777216
#: frames of a film, two of which are seen as one: pixels of all together, as published files bound them
FILM = Film(every=2, bound="film", min_pixels=4096, max_pixels=25165824)


def qwen3_5_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3_5VisionModel and Qwen3_5MoeVisionModel (transformers 5.23, models/qwen3_5)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=1152)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    depth = c.count("num_hidden_layers", "depth", default=27)
    patch = c.int("patch_size", default=16, least=1)
    merge = c.int("spatial_merge_size", default=2, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    layer = join(
        norm("norm1", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        norm("norm2", hidden, bias=True),
        mlp(("mlp.linear_fc1", "mlp.linear_fc2"), hidden, c.int("intermediate_size", default=4304)),
    )
    frames, channels = c.int("temporal_patch_size", default=2), c.int("in_channels", default=3)
    cell = hidden * merge**2
    merger = (
        *norm("norm", hidden, bias=True),
        *linear("linear_fc1", cell, cell, bias=True, cut=COLUMN),
        *linear("linear_fc2", cell, c.int("out_hidden_size", default=3584), bias=True, cut=ROW),
    )
    blocks = [
        Block("vision", "patch_embed.", conv("proj", hidden, channels, frames, patch, patch, bias=True)),
        Block("vision", "", positions("pos_embed", c.int("num_position_embeddings", default=2304), hidden)),
        *uniform("vision", "blocks.{}.", depth, layer),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "merger.", merger, work=(Work("mlp", 2 * hidden),)),
    ]
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, film=FILM)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
