"""Qwen2.5-VL's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, model_spec, refuse_head
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Film, Images, ModelSpec, Part, Work, join

#: pixels of a picture, as the published preprocessor_config.json files bound them
MIN_PIXELS, MAX_PIXELS = 4 * 28 * 28, 16384 * 28 * 28
#: frames of a film, two of which are seen as one, as the class of Qwen2-VL's video processor bounds them
FILM = Film(every=2, min_pixels=128 * 28 * 28, max_pixels=768 * 28 * 28)


def qwen2_5_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """The window-attention tower of Qwen2.5-VL (arXiv:2502.13923; transformers 5.23, models/qwen2_5_vl)."""
    return _tower(c, head)


def exaone4_5_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Exaone4_5_VisionModel: the same with fewer heads for keys and values (transformers 5.23, models/exaone4_5)."""
    return _tower(c, head, c.int("num_key_value_heads", default=8, least=1))


def _tower(c: Config, head: str | None, kv_heads: int | None = None) -> ModelSpec:
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=3584)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    depth = c.count("num_hidden_layers", "depth", default=32)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=3420)
    patch = c.int("patch_size", default=14, least=1)
    merge = c.int("spatial_merge_size", default=2, least=1)
    full = c.ints("fullatt_block_indexes")
    whole = {7, 15, 23, 31} if full is None else set(full)
    # Windows are measured in merged cells, then filled with patches.
    window = (c.int("window_size", default=112) // merge // patch * merge) ** 2

    def layer(span: int | None) -> Part:
        return join(
            norm("norm1", hidden),
            fused_attention(
                ("attn.qkv", "attn.proj"),
                hidden,
                heads,
                kv_heads or heads,
                head_dim,
                bias=True,
                cache=None,
                window=span,
            ),
            norm("norm2", hidden),
            gated_mlp("mlp", hidden, intermediate, bias=True),
        )

    frames, channels = c.int("temporal_patch_size", default=2), c.int("in_channels", default=3)
    cell = hidden * merge**2
    merger = (
        *norm("ln_q", hidden),
        *linear("mlp.0", cell, cell, bias=True, cut=COLUMN),
        *linear("mlp.2", cell, c.int("out_hidden_size", default=3584), bias=True, cut=ROW),
    )
    blocks = [
        Block("vision", "patch_embed.", conv("proj", hidden, channels, frames, patch, patch)),
        *blocks_by_kind("vision", "blocks.{}.", [None if i in whole else window for i in range(depth)], layer),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "merger.", merger, work=(Work("mlp", 2 * hidden),)),
    ]
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, film=FILM)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
