"""InternViT."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import conv, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join


def internvl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """InternVLVisionModel (arXiv:2504.10479; transformers 5.23, models/internvl)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    grid = fixed_grid(c, image=448, patch=14)
    shifted = c.str("norm_type", default="layer_norm") == "layer_norm"
    layer = join(
        scalars("lambda_1", hidden),
        scalars("lambda_2", hidden),
        attention(
            "attention",
            hidden,
            heads,
            heads,
            divide(c, "hidden_size over num_attention_heads", hidden, heads),
            names=("q_proj", "k_proj", "v_proj", "projection_layer"),
            bias=c.bool("attention_bias"),
            out_bias=True,
            extra=qk_norm(hidden) if c.bool("use_qk_norm") else (),
            cache=None,
        ),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=4096)),
        norm("layernorm_before", hidden, bias=shifted),
        norm("layernorm_after", hidden, bias=shifted),
    )
    placed = c.bool("use_absolute_position_embeddings", default=True)
    stem = (
        Tensor("cls_token", (1, 1, hidden), "position"),
        *((Tensor("mask_token", (1, 1, hidden), "position"),) if c.bool("use_mask_token") else ()),
        *((Tensor("position_embeddings", (1, grid.patches + 1, hidden), "position"),) if placed else ()),
        *conv("patch_embeddings.projection", hidden, c.int("num_channels", default=3), *grid.patch, bias=True),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layer.{}.", c.count("num_hidden_layers", default=24), layer),
        Block("vision", "", () if c.bool("use_mean_pooling", default=True) else norm("layernorm", hidden, bias=True)),
    ]
    images = Images(grid.patches, grid.patches + 1, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
