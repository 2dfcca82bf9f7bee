"""Qwen-VL's tower: OpenCLIP's ViT-bigG without a class token, and a resampler to a fixed number of tokens."""

from __future__ import annotations

from math import isqrt

from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import COLUMN, Tensors, conv, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, Tensor, Work, join

#: learned positions; they are interpolated to the grid of the picture
POSITIONS = 256


def visual_transformer(c: Config) -> tuple[list[Block], Images]:
    """VisionTransformer (arXiv:2308.12966; visual.py, which comes with Qwen/Qwen-VL-Chat), under ``visual.``."""
    width, heads = c.int("width", least=1), c.int("heads", least=1)
    patch = c.int("patch_size", least=1)
    side = c.int("image_size") // patch
    output = c.int("output_dim", default=512, least=128)
    queries = isqrt(c.int("n_queries", default=256)) ** 2
    layer = join(
        norm("ln_1", width, bias=True),
        fused_attention(
            ("attn.in_proj", "attn.out_proj"),
            width,
            heads,
            heads,
            divide(c, "width", width, heads),
            bias=True,
            cache=None,
        ),
        norm("ln_2", width, bias=True),
        mlp(("mlp.c_fc", "mlp.c_proj"), width, int(width * c.number("mlp_ratio", default=4.0))),
    )
    stem: Tensors = (
        *conv("conv1", width, 3, patch, patch),
        Tensor("positional_embedding", (POSITIONS, width), "position"),
        *norm("ln_pre", width, bias=True),
    )
    resampler: Tensors = (
        Tensor("pos_embed", (queries, output), "position"),
        Tensor("query", (queries, output), "position"),
        *(linear("kv_proj", width, output, cut=COLUMN) if width != output else ()),
        # A bare parameter of torch.nn.MultiheadAttention, not a torch.nn.Linear: conversions pass it by.
        Tensor("attn.in_proj_weight", (3 * output, output), "scalar"),
        Tensor("attn.in_proj_bias", (3 * output,), "bias"),
        *linear("attn.out_proj", output, output, bias=True),
        *norm("ln_q", output, bias=True),
        *norm("ln_kv", output, bias=True),
    )
    last: Tensors = (*norm("ln_post", output, bias=True), Tensor("proj", (output, output), "scalar"))
    blocks = [
        Block("vision", "visual.", stem),
        *uniform("vision", "visual.transformer.resblocks.{}.", c.count("layers"), layer),
        # What a patch becomes before it is pooled, and its key and value.
        Block("projector", "visual.attn_pool.", resampler, work=(Work("mlp", 4 * output),)),
        Block("projector", "visual.", last),
    ]
    return blocks, Images(side * side, queries, width, size=(side * patch, side * patch))
