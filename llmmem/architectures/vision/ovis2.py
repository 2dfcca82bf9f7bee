"""Ovis 2's vision tower: every patch becomes a mixture of visual words."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.parts.vision import vit_embeddings
from llmmem.tensors import Block, Images, ModelSpec, join


def ovis2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Ovis2VisionModel (arXiv:2405.20797; transformers 5.23, models/ovis2)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias, stride = c.bool("qkv_bias"), c.int("hidden_stride", default=1, least=1)
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    layer = join(
        attention("attention", hidden, heads, heads, head_dim, names=names, bias=bias, out_bias=bias, cache=None),
        gated_mlp("ffn", hidden, c.int("intermediate_size", default=2816), bias=c.bool("mlp_bias")),
        norm("rms_norm1", hidden),
        norm("rms_norm2", hidden),
    )
    grid = fixed_grid(c, image=224, patch=14)
    channels = c.int("num_channels", default=3)
    words = c.int("vocab_size", default=16384) - c.int("num_visual_indicator_tokens", default=5)
    stem = vit_embeddings(hidden, channels, grid.patch, grid.patches, class_token=False, bias=True)
    blocks = [
        Block("vision", "transformer.embeddings.", (*stem, *norm("rms_norm", hidden))),
        *uniform("vision", "transformer.encoder.layers.{}.", c.count("num_hidden_layers", default=24), layer),
        Block("vision", "transformer.", norm("rms_norm", hidden)),
        Block("vision", "", linear("head_linear", hidden * stride**2, max(words, 0), cut=COLUMN)),
        Block("vision", "", norm("head_norm", max(words, 0), bias=True)),
    ]
    rows, columns = (-(-image // patch // stride) for image, patch in zip(grid.size, grid.patch, strict=True))
    return model_spec(c, blocks, hidden=hidden)._replace(images=Images(grid.patches, rows * columns, hidden, grid.size))
