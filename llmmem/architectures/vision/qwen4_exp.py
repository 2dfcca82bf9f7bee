"""Qwen4-Exp's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Work, join

#: pixels of a picture, as the published preprocessor_config.json files of Qwen3-VL bound them
MIN_PIXELS, MAX_PIXELS = 256 * 256, 4096 * 4096


def qwen4_exp_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen4ExpVisionModel (transformers 5.23, models/qwen4_exp)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=1152, least=1)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    patch = c.pair("patch_size", default=16, least=1)
    frames, _ = c.pair("temporal_patch_size", default=2, least=1)
    merge = c.int("spatial_merge_size", default=2, least=1)
    layer = join(
        norm("norm1", hidden, bias=True),
        norm("norm2", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        mlp(("mlp.linear_fc1", "mlp.linear_fc2"), hidden, c.int("intermediate_size", default=4304)),
    )
    cell = hidden * merge**2
    merger = (
        *norm("norm", hidden, bias=True),
        *linear("linear_fc1", cell, cell, bias=True, cut=COLUMN),
        *linear("linear_fc2", cell, c.int("out_hidden_size", default=3584), bias=True, cut=ROW),
    )
    stem = (
        *conv("patch_embed.proj", hidden, c.int("in_channels", default=3), frames, *patch, bias=True),
        *positions("pos_embed", c.int("num_position_embeddings", default=2304), hidden),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", "depth", default=27), layer),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "merger.", merger, work=(Work("mlp", 2 * hidden),)),
    ]
    images = Images(0, 0, hidden, patch=patch[0], merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
