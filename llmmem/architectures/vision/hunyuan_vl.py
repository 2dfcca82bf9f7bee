"""HunyuanOCR's vision tower."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, conv, linear, norm, positions, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Images, ModelSpec, Work, join


def hunyuan_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """HunYuanVLVisionTransformer (arXiv:2511.19575; transformers 5.23, models/hunyuan_vl)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1152, least=1)
    # The first name is an alias that wins (attribute_map).
    heads = c.int("attention_heads", "num_attention_heads", default=16, least=1)
    head_dim = c.int("head_dim", default=hidden // heads)
    patch, merge = c.int("patch_size", default=16, least=1), c.int("spatial_merge_size", default=2, least=1)
    places = (c.int("max_image_size", default=2048) // patch) ** 2 + 1
    layer = join(
        norm("layer_norm1", hidden, bias=True),
        attention("self_attn", hidden, heads, heads, head_dim, bias=True, out_bias=True, cache=None),
        norm("layer_norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=4304)),
    )
    stem = (
        *conv("patch_embedding", hidden, c.int("num_channels", default=3), patch, patch, bias=True),
        *positions("position_embedding", places, hidden),
    )
    output = c.int("text_hidden_size", default=3072)
    merger = (
        *conv("proj_conv", 2 * hidden, hidden, merge, merge, bias=True),
        *conv("proj_out", 4 * hidden, 2 * hidden, 1, 1, bias=True),
        *linear("mlp", 4 * hidden, output, bias=True, cut=COLUMN),
        *scalars("image_newline", 4 * hidden),
        *(t for name in ("image_begin", "image_end", "image_sep") for t in scalars(name, output)),
        *norm("before_rms", hidden),
        *norm("after_rms", output),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        *uniform("vision", "layers.{}.", c.count("num_hidden_layers", default=27), layer),
        # One cell of merge x merge patches passes as one token.
        Block("projector", "patch_merger.", merger, work=(Work("mlp", 6 * hidden // merge**2),)),
    ]
    # Every line ends with a token, and two stand around the picture.
    images = Images(
        0, 0, hidden, patch=patch, merge=merge, min_pixels=512 * 512, max_pixels=2048 * 2048, line=1, around=2
    )
    return model_spec(c, blocks, hidden=hidden)._replace(images=images)
