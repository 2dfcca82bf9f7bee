"""The vision towers of BLIP, BLIP-2 and InstructBLIP: ViT with q, k and v in one matrix."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import conv, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join


def _tower(
    c: Config,
    head: str | None,
    *,
    hidden: int,
    intermediate: int,
    layers: int,
    heads: int,
    image: int,
    patch: int,
    bias: bool = True,
) -> ModelSpec:
    """A tower from its class defaults; ``bias`` is that of q, k and v."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=hidden, least=1)
    heads = c.int("num_attention_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    grid = fixed_grid(c, image=image, patch=patch)
    layer = join(
        fused_attention(
            ("self_attn.qkv", "self_attn.projection"),
            hidden,
            heads,
            heads,
            head_dim,
            bias=bias,
            out_bias=True,
            cache=None,
        ),
        norm("layer_norm1", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=intermediate)),
        norm("layer_norm2", hidden, bias=True),
    )
    stem = (
        Tensor("class_embedding", (1, 1, hidden), "position"),
        Tensor("position_embedding", (1, grid.patches + 1, hidden), "position"),
        # pictures always have three channels
        *conv("patch_embedding", hidden, 3, *grid.patch, bias=True),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "encoder.layers.{}.", c.count("num_hidden_layers", default=layers), layer),
        Block("vision", "", norm("post_layernorm", hidden, bias=True)),
    ]
    images = Images(grid.patches, grid.patches + 1, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)


def blip_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """BlipVisionModel (arXiv:2201.12086; transformers 5.23, models/blip)."""
    return _tower(c, head, hidden=768, intermediate=3072, layers=12, heads=12, image=384, patch=16)


def blip_2_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """Blip2VisionModel, and InstructBlipVisionModel, which is the same (transformers 5.23, models/blip_2)."""
    bias = c.bool("qkv_bias", default=True)
    return _tower(c, head, hidden=1408, intermediate=6144, layers=39, heads=16, image=224, patch=14, bias=bias)
