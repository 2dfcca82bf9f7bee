"""Molmo 2's vision tower, and what makes tokens of its patches."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import MOST_LAYERS, Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join


def _attention(name: str, c: Config, hidden: int, source: int) -> Part:
    """Attention of the two classes, which share their keys and most of their defaults.

    Args:
        source: width of what it reads; it gives vectors of ``hidden``.
    """
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=16, least=1)
    bias = c.bool("attention_bias", default=True)
    head_dim = c.int("head_dim", default=72, null=hidden // heads, least=1)
    return attention(name, source, heads, kv_heads, head_dim, bias=bias, out_bias=bias, output=hidden, cache=None)


def molmo2_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Molmo2VisionModel (arXiv:2601.10611; transformers 5.23, models/molmo2)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1152, least=1)
    # The keys of published files come first.
    high, wide = c.pair("image_default_input_size", "image_size", default=378)
    patch = c.int("image_patch_size", "patch_size", default=14, least=1)
    places = c.int("image_num_pos", "num_position_embeddings", default=(high // patch) * (wide // patch))
    layer = join(
        norm("layer_norm1", hidden, bias=True),
        _attention("self_attn", c, hidden, hidden),
        norm("layer_norm2", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=4304)),
    )
    stem = (
        Tensor("positional_embedding", (places, hidden), "position"),
        *linear("patch_embedding", patch * patch * c.int("num_channels", default=3), hidden, bias=True),
    )
    blocks = [
        Block("vision", "", stem),
        *uniform("vision", "layers.{}.", c.count("num_hidden_layers", default=25), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)


def feature_layers(c: Config) -> list[int]:
    """The layers of the tower that the adapter reads side by side; they may be counted from the last."""
    layers = c.ints("vit_layers", "vision_feature_layer", least=-MOST_LAYERS)
    return [24, 18] if layers is None else layers


def molmo2_adapter(c: Config, head: str | None = None) -> ModelSpec:
    """Molmo2Adapter: attention that pools a square of patches, then a gated MLP into the language model's width."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1152, least=1)
    inner, outputs = c.int("intermediate_size", default=18944), c.int("text_hidden_size", default=3584)
    bias = c.bool("mlp_bias")
    tensors = (
        *_attention("image_pooling_2d", c, hidden, hidden * len(feature_layers(c))).tensors,
        *linear("image_projector.gate_proj", hidden, inner, bias=bias, cut=COLUMN),
        *linear("image_projector.up_proj", hidden, inner, bias=bias, cut=COLUMN),
        *linear("image_projector.down_proj", inner, outputs, cut=ROW),
    )
    return model_spec(c, [Block("projector", "", tensors)], hidden=outputs)
