"""The vision towers of GLM-OCR and GLM-5.3 Flash."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.glm4v import MAX_PIXELS, MIN_PIXELS
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention, qk_norm
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Images, ModelSpec, Work, join

#: tokens of a picture of GLM-5.3 Flash, as the processor's class bounds them
TOKENS = (16, 8000)


def glm_ocr_vision(c: Config, head: str | None = None) -> ModelSpec:
    """GlmOcrVisionModel: GLM-4.1V's with norms on q and k, and without learned positions (transformers 5.23)."""
    # As many times as wide as there are colours.
    return _tower(c, head, c.int("out_hidden_size", default=1536) * c.int("in_channels", default=3))


def glm5_next_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Glm5NextVisionModel: the same with a wider merger (transformers 5.23, models/glm5_next)."""
    tower = _tower(c, head, c.int("projection_intermediate_size", default=10240))
    if tower.images is None:
        return tower
    cell = (tower.images.patch * tower.images.merge) ** 2
    least, most = TOKENS
    return tower._replace(images=tower.images._replace(min_pixels=least * cell, max_pixels=most * cell))


def _tower(c: Config, head: str | None, inner: int) -> ModelSpec:
    """The tower; ``inner`` is the width inside the merger."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    # The general names are aliases that win over the class's own (attribute_map).
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    output, channels = c.int("out_hidden_size", default=1536), c.int("in_channels", default=3)
    merge = c.int("spatial_merge_size", default=2, least=1)
    frames, _ = c.pair("temporal_patch_size", default=2, least=1)
    patch = c.pair("patch_size", default=14, least=1)
    bias = c.bool("attention_bias", default=True)
    layer = join(
        norm("norm1", hidden),
        norm("norm2", hidden),
        fused_attention(("attn.qkv", "attn.proj"), hidden, heads, heads, head_dim, bias=bias, cache=None),
        tuple(t._replace(name=f"attn.{t.name}") for t in qk_norm(head_dim)),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=4096), bias=bias),
    )
    merger = (
        *linear("proj", output, output, cut=COLUMN),
        *norm("post_projection_norm", output, bias=True),
        *linear("gate_proj", output, inner, cut=COLUMN),
        *linear("up_proj", output, inner, cut=COLUMN),
        *linear("down_proj", inner, output, cut=ROW),
    )
    last = (*conv("downsample", output, hidden, merge, merge, bias=True), *norm("post_layernorm", hidden))
    blocks = [
        Block("vision", "", conv("patch_embed.proj", hidden, channels, frames, *patch, bias=True)),
        *uniform("vision", "blocks.{}.", c.count("num_hidden_layers", "depth", default=24), layer),
        Block("vision", "", last),
        # One cell of merge x merge patches passes as one token.
        Block("vision", "merger.", merger, work=(Work("mlp", 3 * inner // merge**2),)),
    ]
    images = Images(
        0, 0, hidden, patch=patch[0], merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS, fit="lifted"
    )
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
