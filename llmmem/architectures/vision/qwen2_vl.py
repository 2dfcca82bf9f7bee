"""Qwen2-VL's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.qwen2_5_vl import FILM, MAX_PIXELS, MIN_PIXELS
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Work, join


def qwen2_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2VisionTransformerPretrainedModel; its hidden_size is the language model's (transformers 5.23, qwen2_vl)."""
    no_head(c, head)
    hidden = c.int("embed_dim", default=1280)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    head_dim = divide(c, "embed_dim over num_heads", hidden, heads)
    patch = c.pair("patch_size", default=14, least=1)
    frames, _ = c.pair("temporal_patch_size", default=2, least=1)
    merge = c.int("spatial_merge_size", default=2, least=1)
    layer = join(
        norm("norm1", hidden, bias=True),
        norm("norm2", hidden, bias=True),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=True, cache=None),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, hidden * c.int("mlp_ratio", default=4)),
    )
    cell = hidden * merge**2
    merger = (
        *norm("ln_q", hidden, bias=True),
        *linear("mlp.0", cell, cell, bias=True, cut=COLUMN),
        *linear("mlp.2", cell, c.int("hidden_size", default=3584), bias=True, cut=ROW),
    )
    blocks = [
        Block("vision", "patch_embed.", conv("proj", hidden, c.int("in_channels", default=3), frames, *patch)),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", "depth", default=32), layer),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "merger.", merger, work=(Work("mlp", 2 * hidden),)),
    ]
    images = Images(0, 0, hidden, patch=patch[0], merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, film=FILM)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
