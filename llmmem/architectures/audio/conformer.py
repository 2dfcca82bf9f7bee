"""The conformer of wav2vec2-conformer and w2v-BERT (arXiv:2005.08100)."""

from __future__ import annotations

from llmmem.architectures.audio.speech_tower import Shape
from llmmem.architectures.base import head_of
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, buffer, conv, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Part, Work, join

NAMES = ("linear_q", "linear_k", "linear_v", "linear_out")


def feed_forward(name: str, hidden: int, intermediate: int) -> Part:
    """Two matrices."""
    return mlp((f"{name}.intermediate_dense", f"{name}.output_dense"), hidden, intermediate)


def attend(c: Config, hidden: int, heads: int, places: Tensors = ()) -> Part:
    """Attention; with parameters for positions, its scores are written out whole."""
    head_dim = divide(c, "width over num_attention_heads", hidden, heads)
    return attention(
        "self_attn",
        hidden,
        heads,
        heads,
        head_dim,
        names=NAMES,
        bias=True,
        out_bias=True,
        extra=places,
        cache=None,
        biased=bool(places),
    )


def conformer(c: Config, shape: Shape, intermediate: int, places: Tensors, middle: Tensors) -> Part:
    """Half a feed-forward layer, attention, a convolution, and the other half.

    Args:
        places: how attention knows positions.
        middle: the norm within the convolution.
    """
    hidden = shape.hidden
    kernel = c.int("conv_depthwise_kernel_size", default=31)
    if kernel % 2 == 0:
        raise ConfigError(f"conv_depthwise_kernel_size is {kernel}, but it should be odd.", "Check the config.json.")
    module = (
        *norm("layer_norm", hidden, bias=True),
        *conv("pointwise_conv1", 2 * hidden, hidden, 1),
        *conv("depthwise_conv", hidden, 1, kernel),
        *middle,
        *conv("pointwise_conv2", hidden, hidden, 1),
    )
    return join(
        norm("ffn1_layer_norm", hidden, bias=True),
        feed_forward("ffn1", hidden, intermediate),
        norm("self_attn_layer_norm", hidden, bias=True),
        attend(c, hidden, shape.heads, places),
        Part(tuple(t._replace(name=f"conv_module.{t.name}") for t in module), (), (Work("conv", 3 * hidden),)),
        norm("ffn2_layer_norm", hidden, bias=True),
        feed_forward("ffn2", hidden, intermediate),
        norm("final_layer_norm", hidden, bias=True),
    )


def relative_places(c: Config, shape: Shape) -> Tensors:
    """Positions as Transformer-XL has them (arXiv:1901.02860)."""
    head_dim = divide(c, "hidden_size over num_attention_heads", shape.hidden, shape.heads)
    return (
        *linear("linear_pos", shape.hidden, shape.hidden, cut=COLUMN, unit=head_dim),
        *scalars("pos_bias_u", shape.heads, head_dim, shard=0),
        *scalars("pos_bias_v", shape.heads, head_dim, shard=0),
    )


def turns(shape: Shape, sort: str) -> Block:
    """Frequencies of rotary positions, which this model keeps in its checkpoint."""
    rotary = sort == "rotary"
    return Block(
        "audio",
        "encoder.embed_positions.",
        buffer("inv_freq", -(-(shape.hidden // shape.heads) // 2)) if rotary else (),
    )


def sort_of_places(c: Config, default: str) -> str:
    """The kind of positions; null means none."""
    return c.str("position_embeddings_type", default="" if c.has("position_embeddings_type") else default)


def spells(c: Config, head: str | None) -> None:
    """A class that spells needs a vocabulary, which has no default here."""
    if head_of(c, head, "base") == "ctc":
        c.int("vocab_size")
