"""SEW: wav2vec 2.0 that squeezes frames together for its layers, and spreads them again after."""

from __future__ import annotations

from llmmem.architectures.audio.speech_stem import convolutions, positional
from llmmem.architectures.audio.speech_tower import SPEECH, Shape, shape_of, speech_model
from llmmem.architectures.audio.wav2vec2_layer import wav2vec2_layer
from llmmem.architectures.base import uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join

#: channels, kernels and steps of the convolutions
CONVOLUTIONS = (
    [64, 128, 128, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512],
    [10, 3, 1, 3, 1, 3, 1, 3, 1, 2, 1, 2, 1],
    [5, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1],
)


def _model(c: Config, head: str | None, name: str, shape: Shape, layers: list[Block]) -> ModelSpec:
    """The tower around the layers, and the class on it."""
    hidden = shape.hidden
    frames, width = convolutions(c, CONVOLUTIONS)
    into = linear("feature_projection", width, hidden, bias=True) if width != hidden else ()
    spread = hidden * c.int("squeeze_factor", default=2, least=1)
    blocks = [
        Block("audio", "feature_extractor.", frames.tensors, work=frames.work),
        Block("audio", "", (*norm("layer_norm", width, bias=True), *into)),
        Block("audio", "encoder.pos_conv_embed.", positional(c, hidden)),
        *layers,
        Block("audio", "encoder.upsample.", linear("projection", hidden, spread, bias=True)),
    ]
    return speech_model(c, head, name, shape, blocks, width=width, kinds=SPEECH, adapts=False, waves=False)


def sew(c: Config, head: str | None = None) -> ModelSpec:
    """SEWModel and its kin (arXiv:2109.06870; transformers 5.23, models/sew)."""
    shape = shape_of(c)
    layers = [
        Block("audio", "encoder.", norm("layer_norm", shape.hidden, bias=True)),
        *uniform("audio", "encoder.layers.{}.", shape.layers, wav2vec2_layer(c, shape, adapts=False)),
    ]
    return _model(c, head, "sew", shape, layers)


def sew_d(c: Config, head: str | None = None) -> ModelSpec:
    """SEWDModel and its kin: the layers are DeBERTa's (arXiv:2109.06870; transformers 5.23, models/sew_d)."""
    shape = shape_of(c)
    hidden, heads = shape.hidden, shape.heads
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    relative = c.bool("relative_attention", default=True)
    ways = (c.list("pos_att_type") or []) if c.has("pos_att_type") else ["p2c", "c2p"]
    names = ["query_proj", "key_proj", "value_proj"]
    if relative and not c.bool("share_att_key", default=True):
        names += [n for way, n in (("c2p", "pos_key_proj"), ("p2c", "pos_query_proj")) if way in ways]
    own: Tensors = ()
    for name in names:
        own += linear(f"attention.self.{name}", hidden, hidden, bias=True, cut=COLUMN, unit=head_dim)
    layer = join(
        Part(own, (), (attention_work(heads, heads, head_dim)._replace(kind="biased_attention"),)),
        linear("attention.output.dense", hidden, hidden, bias=True, cut=ROW, unit=head_dim),
        norm("attention.output.LayerNorm", hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), hidden, c.int("intermediate_size", default=3072)),
        norm("output.LayerNorm", hidden, bias=True),
    )
    furthest = _furthest(c)
    normed = "layer_norm" in [n.strip() for n in c.str("norm_rel_ebd", default="layer_norm").lower().split("|")]
    beside = (
        *(positions("rel_embeddings", 2 * furthest, hidden) if relative else ()),
        *(norm("LayerNorm", hidden, bias=True) if normed else ()),
    )
    layers = [
        *uniform("audio", "encoder.encoder.layer.{}.", shape.layers, layer),
        Block("audio", "encoder.encoder.", beside),
    ]
    return _model(c, head, "sew_d", shape, layers)


def _furthest(c: Config) -> int:
    """How far positions reach: in buckets, or one by one; below one means not said."""
    for key, default in (("position_buckets", 256), ("max_relative_positions", 0)):
        value = c.get(key)
        if not (isinstance(value, int) and value < 0) and (size := c.int(key, default=default)):
            return size
    return c.int("max_position_embeddings", default=512)
