"""Inkling's vision tower, which folds a patch into one token by and by, and Inkling 2's, a ViT."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.architectures.vision.inkling_scales import layer_scales
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, positions, scalars
from llmmem.parts.vision import vit_layer
from llmmem.tensors import Block, ModelSpec, Tensor, Work, join


def folds(c: Config) -> list[tuple[Tensors, Tensors, int]]:
    """Matrix and norm of every layer, without names, and what it holds of one patch while it works."""
    frames, side = c.int("temporal_patch_size", default=2, least=1), c.int("patch_size", default=40, least=2)
    # The first name is an alias that wins (attribute_map).
    layers = c.count("n_layers", "num_hidden_layers", default=24)
    scales = layer_scales(frames, side, layers, c.int("num_channels", default=3, least=1))
    out = []
    for i, (before, after) in enumerate(pairwise(scales)):
        folded = (after.time // before.time) * (after.side // before.side) ** 2
        inputs, last = before.width * folded, i == layers - 1
        outputs = text_width(c) if last else after.width
        live = (frames * side**2 // after.points) * (inputs + outputs)
        out.append((linear("", inputs, outputs, cut=COLUMN), () if last else norm("", outputs), live))
    return out


def text_width(c: Config) -> int:
    """Width of the tokens it makes."""
    return c.int("text_hidden_size", default=6144)


def inkling_vision(c: Config, head: str | None = None) -> ModelSpec:
    """InklingVisionModel (transformers 5.23, models/inkling)."""
    no_head(c, head)
    blocks = []
    for i, (matrix, after, live) in enumerate(folds(c)):
        blocks += [
            Block("vision", f"encoder_layers.{i}.projection", matrix, work=(Work("mlp", live),)),
            Block("vision", f"encoder_layers.{i}.layer_norm", after),
        ]
    blocks.append(Block("vision", "", norm("final_norm", text_width(c))))
    return model_spec(c, blocks, hidden=text_width(c))


def inkling2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Inkling2VisionModel (transformers 5.23, models/inkling2)."""
    no_head(c, head)
    hidden, heads = c.int("hidden_size", default=1024, least=1), c.int("num_attention_heads", default=16, least=1)
    inner = c.int("intermediate_size", default=int(hidden * c.number("mlp_ratio", default=4.0)))
    # The first names are aliases that win (attribute_map).
    patch = c.int("native_patch_size", "patch_size", default=20, least=1)
    merge = c.int("adapter_merge_size", "spatial_merge_size", default=2, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = join(
        vit_layer(hidden, heads, head_dim, inner, norms=("layernorm_before", "layernorm_after")),
        scalars("lambda_1", hidden),
        scalars("lambda_2", hidden),
    )
    stem = (
        *linear("patch_embedding", c.int("num_channels", default=3) * patch**2, hidden, cut=COLUMN),
        *positions("position_embedding", c.int("posemb_grid_size", default=32) ** 2, hidden),
        Tensor("class_embedding", (hidden,), "position"),
        Tensor("cls_position_embedding", (hidden,), "position"),
    )
    wide, bias = c.int("projection_hidden_dim", default=4096), c.bool("projector_bias")
    merger = (
        *linear("linear_1", merge**2 * hidden, wide, bias=bias, cut=COLUMN),
        *linear("linear_2", wide, c.int("text_hidden_size", default=4608), bias=bias, cut=ROW),
    )
    blocks = [
        Block("vision", "embeddings.", stem),
        Block("vision", "", norm("pre_layernorm", hidden, bias=True)),
        *uniform("vision", "layers.{}.", c.count("num_hidden_layers", default=23), layer),
        # One cell of merge x merge patches passes as one token.
        Block("projector", "merger.", merger, work=(Work("mlp", 2 * wide // merge**2),)),
    ]
    return model_spec(c, blocks, hidden=hidden)
