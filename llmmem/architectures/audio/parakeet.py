"""Parakeet: fast conformers, and the classes that spell with them."""

from __future__ import annotations

from math import log2

from llmmem.architectures.base import head_width, model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, batch_norm, conv, linear, norm, scalars
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Sound, Work, join


def steps(c: Config) -> int:
    """How many convolutions shorten the spectrogram."""
    return int(log2(c.int("subsampling_factor", default=8, least=1)))


def fast_conformer(
    c: Config,
    hidden: int,
    *,
    heads: int = 8,
    intermediate: int = 4096,
    biased: bool = True,
    kernel: int = 9,
    middle: Tensors | None = None,
    relative: bool = True,
    norm_bias: bool = True,
) -> Part:
    """A layer: two halves of a feed-forward part around attention and a convolution.

    Args:
        heads, intermediate, kernel: class defaults; ``biased`` that of both kinds of biases.
        middle: the norm within the convolution (default: over the batch).
        relative: positions as in Transformer-XL (arXiv:1901.02860), else rotary ones.
        norm_bias: of the norms between the parts.
    """
    heads = c.int("num_attention_heads", default=heads, least=1)
    bias, tapped = c.bool("attention_bias", default=biased), c.bool("convolution_bias", default=biased)
    inner = c.int("intermediate_size", default=intermediate)
    head_dim = head_width(c, hidden, heads)
    places: Tensors = ()
    if relative:
        places = (
            *linear("relative_k_proj", hidden, heads * head_dim, cut=COLUMN, unit=head_dim),
            *scalars("bias_u", heads, head_dim, shard=0),
            *scalars("bias_v", heads, head_dim, shard=0),
        )
    attend = attention(
        "self_attn",
        hidden,
        heads,
        c.int("num_key_value_heads", default=heads, least=1),
        head_dim,
        bias=bias,
        out_bias=bias,
        extra=places,
        cache=None,
        biased=relative,
    )
    module = (
        *conv("conv.pointwise_conv1", 2 * hidden, hidden, 1, bias=tapped),
        *conv("conv.depthwise_conv", hidden, 1, c.int("conv_kernel_size", default=kernel, least=1), bias=tapped),
        *(batch_norm("conv.norm", hidden) if middle is None else middle),
        *conv("conv.pointwise_conv2", hidden, hidden, 1, bias=tapped),
    )
    names = ("norm_feed_forward1", "norm_self_att", "norm_conv", "norm_feed_forward2", "norm_out")
    return join(
        mlp(("feed_forward1.linear1", "feed_forward1.linear2"), hidden, inner, bias=bias),
        attend,
        Part(module, (), (Work("conv", 3 * hidden),)),
        mlp(("feed_forward2.linear1", "feed_forward2.linear2"), hidden, inner, bias=bias),
        tuple(t for n in names for t in norm(n, hidden, bias=norm_bias)),
    )


def parakeet_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """ParakeetEncoder (arXiv:2305.05084; transformers 5.23, models/parakeet)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    channels = c.int("subsampling_conv_channels", default=256)
    kernel, stride = (
        c.int(f"subsampling_conv_{n}", default=d, least=1) for n, d in (("kernel_size", 3), ("stride", 2))
    )
    stem = conv("layers.0", channels, 1, kernel, kernel, bias=True)
    for i in range(2, 3 * steps(c) - 1, 3):  # every third is an activation
        stem += conv(f"layers.{i}", channels, 1, kernel, kernel, bias=True)
        stem += conv(f"layers.{i + 1}", channels, channels, 1, 1, bias=True)
    width = channels * (c.int("num_mel_bins", default=80) // stride ** steps(c))
    layers = c.count("num_hidden_layers", default=24)
    blocks = [
        Block("audio", "subsampling.", (*stem, *linear("linear", width, hidden, bias=True))),
        *uniform("audio", "layers.{}.", layers, fast_conformer(c, hidden)),
    ]
    padding = (kernel - 1) // 2
    sound = Sound(hidden, padding=160, convs=((kernel, stride, padding),) * steps(c), tokens=0)
    return model_spec(c, blocks, hidden=hidden)._replace(sound=sound)
