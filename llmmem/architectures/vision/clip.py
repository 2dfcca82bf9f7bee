"""CLIP's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.basic import norm
from llmmem.parts.vision import projection, vit_embeddings, vit_layer
from llmmem.tensors import Block, Images, ModelSpec


def clip_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """CLIPVisionModel, with a projection or without (arXiv:2103.00020; transformers 5.23, models/clip)."""
    kind = head_of(c, head, "base")
    if kind not in ("base", "projection"):
        raise refuse_head(c, kind)
    prefix = "vision_model." if kind == "projection" else ""
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=12, least=1)
    grid = fixed_grid(c, image=224, patch=32)
    channels = c.int("num_channels", default=3)
    layer = vit_layer(
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads),
        c.int("intermediate_size", default=3072),
        act=c.str("hidden_act", default="quick_gelu"),
    )
    stem = vit_embeddings(hidden, channels, grid.patch, grid.patches, class_token=True, bias=False)
    blocks = [
        Block("vision", f"{prefix}embeddings.", stem),
        Block("vision", prefix, norm("pre_layrnorm", hidden, bias=True)),
        *uniform("vision", f"{prefix}encoder.layers.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", prefix, norm("post_layernorm", hidden, bias=True)),
    ]
    if kind == "projection":
        shared = c.int("projection_dim", default=512)
        blocks.append(Block("projector", "", projection("visual_projection", hidden, shared)))
    images = Images(grid.patches, grid.patches + 1, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
