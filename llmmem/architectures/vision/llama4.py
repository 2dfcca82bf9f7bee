"""Llama 4's vision tower."""

from __future__ import annotations

from math import isqrt, prod

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.vision import vit_layer
from llmmem.tensors import Block, Images, ModelSpec, Tensor


def llama4_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Llama4VisionModel; pixel shuffle folds neighbouring patches into one token (transformers 5.23, models/llama4)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=16, least=1)
    intermediate = c.int("intermediate_size", default=5632)
    grid = fixed_grid(c, image=448, patch=14)
    inner, output = c.int("projector_input_dim", default=4096), c.int("projector_output_dim", default=4096)
    stem = (
        Tensor("class_embedding", (hidden,), "position"),
        Tensor("positional_embedding_vlm", (grid.patches + 1, hidden), "position"),
        *linear("patch_embedding.linear", c.int("num_channels", default=3) * prod(grid.patch), hidden),
        *norm("layernorm_pre", hidden, bias=True),
        *norm("layernorm_post", hidden, bias=True),
    )
    norms = ("input_layernorm", "post_attention_layernorm")
    layer = vit_layer(hidden, heads, hidden // heads, intermediate, norms=norms, out="o_proj")
    # What is shuffled is as wide as an MLP, and the second matrix is square.
    adapter = (
        *linear("fc1", intermediate, inner, cut=COLUMN),
        *linear("fc2", output, output, cut=ROW),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "model.layers.{}.", c.count("num_hidden_layers", default=34), layer),
        Block("vision", "vision_adapter.mlp.", adapter),
    ]
    side = int(isqrt(grid.patches) * c.ratio("pixel_shuffle_ratio", default=0.5))
    images = Images(grid.patches, side * side, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
