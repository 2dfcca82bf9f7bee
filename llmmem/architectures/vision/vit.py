"""ViT, the first transformer for pictures."""

from __future__ import annotations

from llmmem.architectures.base import head_of, head_width, labels, model_spec, refuse_head, uniform
from llmmem.architectures.vision.grid import fixed_grid
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Tensor, join

QKVO = ("attention.query", "attention.key", "attention.value", "output.dense")


def vit(c: Config, head: str | None = None) -> ModelSpec:
    """ViTModel and its kin (arXiv:2010.11929; transformers 5.23, models/vit)."""
    kind = head_of(c, head, "mim")
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=12, least=1)
    grid = fixed_grid(c, image=224, patch=16)
    channels = c.int("num_channels", default=3)
    bias = c.bool("qkv_bias", default=True)
    layer = join(
        norm("layernorm_before", hidden, bias=True),
        attention(
            "attention",
            hidden,
            heads,
            heads,
            head_width(c, hidden, heads),
            names=QKVO,
            bias=bias,
            out_bias=True,
            cache=None,
        ),
        norm("layernorm_after", hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), hidden, c.int("intermediate_size", default=3072)),
    )
    stride = c.int("encoder_stride", default=16)
    tops: dict[str, Tensors] = {
        "base": linear("pooler.dense", hidden, c.int("pooler_output_size", default=hidden) or hidden, bias=True),
        "image": linear("classifier", hidden, labels(c), bias=True, role="head") if labels(c) else (),
        "mim": conv("decoder.0", stride * stride * channels, hidden, 1, 1, bias=True),
    }
    if kind not in tops:
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "vit."
    stem = (
        Tensor("cls_token", (1, 1, hidden), "position"),
        *((Tensor("mask_token", (1, 1, hidden), "position"),) if kind == "mim" else ()),
        Tensor("position_embeddings", (1, grid.patches + 1, hidden), "position"),
        *conv("patch_embeddings.projection", hidden, channels, *grid.patch, bias=True),
    )
    blocks = [
        Block("vision", f"{prefix}embeddings.", stem),
        *uniform("vision", f"{prefix}encoder.layer.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block("vision", prefix, norm("layernorm", hidden, bias=True)),
        Block("vision", "", tops[kind]),
    ]
    images = Images(grid.patches, grid.patches + 1, hidden, grid.size)
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
