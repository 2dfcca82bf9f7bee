"""VideoPrism's tower for videos: layers over each picture, then layers over time at each place."""

from __future__ import annotations

from llmmem.architectures.base import architecture_of, head_of, labels, model_spec, refuse_head, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, Tensors, conv, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join


def videoprism_layer(c: Config, hidden: int, heads: int, intermediate: int) -> Part:
    """A pre-norm layer; its scores are soft-capped, for which there is no fused kernel."""
    head_dim = c.int("head_dim", default=hidden // heads)
    bias = c.bool("qkv_bias", default=True)
    return join(
        norm("layernorm_before", hidden, bias=True),
        attention("attention", hidden, heads, heads, head_dim, bias=bias, out_bias=True, cache=None, biased=True),
        norm("layernorm_after", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, intermediate),
    )


def _pooling(c: Config, hidden: int, heads: int, intermediate: int) -> Tensors:
    """One learned query reads all places; its heads share intermediate_size, and it has nothing behind it."""
    head_dim = intermediate // heads
    inside, bias = heads * head_dim, c.bool("qkv_bias", default=True)
    projections = (
        t
        for name in ("q_proj", "k_proj", "v_proj")
        for t in linear(f"head.{name}", hidden, inside, bias=bias, cut=COLUMN, unit=head_dim)
    )
    return (
        *scalars("head.per_dim_scale", head_dim),
        Tensor("head.pooling_attention_query", (1, 1, hidden), "position"),
        *projections,
        *linear("head.o_proj", inside, hidden, bias=True, cut=ROW, unit=head_dim),
        *norm("head_layernorm", hidden, bias=True),
    )


def _tubelet(c: Config) -> tuple[int, int, int]:
    """Pictures, rows and columns that become one vector.

    Raises:
        ConfigError: not three sizes.
    """
    sides = c.ints("tubelet_size", least=1) or [1, 18, 18]
    if len(sides) != 3:
        raise ConfigError("tubelet_size should have three entries.", "Check the config.json.")
    return sides[0], sides[1], sides[2]


def videoprism_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """VideoPrismVisionModel, VideoPrismVideoModel and VideoPrismForVideoClassification (arXiv:2402.13217;
    transformers 5.23, models/videoprism). A wrapper asks for the second as "clip".
    """
    kind = head_of(c, head, "video")
    if kind == "base" and architecture_of(c) == "VideoPrismVideoModel":
        kind = "clip"
    if kind not in ("base", "clip", "video"):
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=12, least=1)
    intermediate = c.int("intermediate_size", default=3072)
    height, width = c.pair("image_size", default=288)
    frames, high, wide = _tubelet(c)
    layer = videoprism_layer(c, hidden, heads, intermediate)
    spatial = (
        Tensor("position_embeddings", (1, (height // high) * (width // wide), hidden), "position"),
        *conv(
            "patch_embeddings.projection",
            hidden,
            c.int("num_channels", default=3),
            frames,
            high,
            wide,
            bias=True,
        ),
    )
    times = Tensor("position_embeddings", (1, c.int("num_frames", default=16), hidden), "position")
    tower = (
        Block("vision", "spatial_embeddings.", spatial),
        *uniform("vision", "spatial_layers.{}.", c.count("num_spatial_layers", default=12), layer),
        Block("vision", "", norm("layernorm1", hidden, bias=True)),
        Block("vision", "temporal_embeddings.", (times,)),
        *uniform("vision", "temporal_layers.{}.", c.count("num_temporal_layers", default=4), layer),
        Block("vision", "", norm("layernorm2", hidden, bias=True)),
    )
    if kind == "base":
        return model_spec(c, tower, hidden=hidden)
    top = _pooling(c, hidden, heads, intermediate)
    auxiliary: tuple[Block, ...] = ()
    if kind == "clip":
        auxiliary = uniform("vision", "auxiliary_layers.{}.", c.count("num_auxiliary_layers", default=2), layer)
    else:
        top += linear("classifier", hidden, labels(c), bias=True, role="head")
    placed = (b._replace(prefix="vision_model." + b.prefix) for b in tower)
    stated = head is not None or c.list("architectures")
    notes = () if stated else ("no class stated: counted as VideoPrismForVideoClassification",)
    return model_spec(c, (*placed, *auxiliary, Block("vision", "", top)), hidden=hidden, notes=notes)
