"""Janus' vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.parts.vision import vit_embeddings
from llmmem.tensors import Block, Images, ModelSpec, join


def janus_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """JanusVisionModel (arXiv:2410.13848; transformers 5.23, models/janus)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    grid = fixed_grid(c, image=384, patch=16)
    normed = c.bool("use_qk_norm")
    # These norms go over all heads together.
    extra = (*norm("q_norm", hidden, bias=True), *norm("k_norm", hidden, bias=True)) if normed else ()
    layer = join(
        norm("layer_norm1", hidden, bias=True),
        attention(
            "self_attn",
            hidden,
            heads,
            heads,
            divide(c, "hidden_size over num_attention_heads", hidden, heads),
            names=("q_proj", "k_proj", "v_proj", "projection_layer"),
            bias=c.bool("attention_bias", default=True),
            out_bias=True,
            extra=extra,
            cache=None,
        ),
        norm("layer_norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, int(hidden * c.number("mlp_ratio", default=4.0))),
    )
    channels = c.int("num_channels", default=3)
    stem = vit_embeddings(hidden, channels, grid.patch, grid.patches, class_token=False, bias=True)
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=24), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
    ]
    images = Images(grid.patches, grid.patches, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
