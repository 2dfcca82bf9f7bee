"""Pixtral's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import conv, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Images, ModelSpec, join


def pixtral(c: Config, head: str | None = None) -> ModelSpec:
    """PixtralVisionModel: rotary positions in two dimensions (arXiv:2410.07073; transformers 5.23, models/pixtral)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = join(
        norm("attention_norm", hidden),
        gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=4096)),
        attention("attention", hidden, heads, heads, head_dim, cache=None),
        norm("ffn_norm", hidden),
    )
    channels, patch = c.int("num_channels", default=3), c.pair("patch_size", default=16, least=1)
    blocks = [
        Block("vision", "", (*conv("patch_conv", hidden, channels, *patch), *norm("ln_pre", hidden))),
        *uniform("vision", "transformer.layers.{}.", c.count("num_hidden_layers", default=24), layer),
    ]
    # Pictures are shrunk to fit into a square of the largest size; every line of patches ends with a token.
    side = c.int("image_size", default=1024, least=1)
    images = Images(
        0, 0, hidden, (side, side), patch=patch[0], max_pixels=side * side, fit="boxed", line=1
    )  # fmt: skip
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
