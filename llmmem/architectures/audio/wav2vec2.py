"""wav2vec 2.0: convolutions over the raw sound, then a transformer."""

from __future__ import annotations

from math import prod

from llmmem.architectures.audio.speech_heads import shortening, speech_top
from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, conv, linear, norm, scalars
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, Work, join

#: key -> class default of the convolutions
CONVOLUTIONS = {
    "conv_dim": [512] * 7,
    "conv_kernel": [10, 3, 3, 3, 3, 2, 2],
    "conv_stride": [5, 2, 2, 2, 2, 2, 2],
}


def convolutions(c: Config) -> tuple[Part, int]:
    """What turns samples into frames, and the width of a frame.

    Raises:
        ConfigError: lists of different lengths, or an unknown norm.
    """
    dims, kernels, strides = (c.ints(key) or default for key, default in CONVOLUTIONS.items())
    if not len(dims) == len(kernels) == len(strides):
        raise ConfigError("conv_dim, conv_kernel and conv_stride differ in length.", "Check the config.json.")
    sort = c.str("feat_extract_norm", default="group")
    if sort not in ("group", "layer"):
        raise ConfigError(f"feat_extract_norm is {sort[:40]!r}.", "It is group or layer.")
    tensors: Tensors = ()
    for i, (inputs, outputs, kernel) in enumerate(zip([1, *dims], dims, kernels, strict=False)):
        name = f"conv_layers.{i}"
        tensors += conv(f"{name}.conv", outputs, inputs, kernel, bias=c.bool("conv_bias"))
        if sort == "layer" or i == 0:
            tensors += norm(f"{name}.layer_norm", outputs, bias=True)
    # A frame comes of many steps of the first convolution: what it gives, and what norm and activation make of it.
    return Part(tensors, (), (Work("conv", 2 * prod(strides[1:]) * dims[0]),)), dims[-1]


def wav2vec2_layer(c: Config, hidden: int, heads: int) -> Part:
    """A layer, with an adapter to a language where norms stand before its parts."""
    rank = c.optional("adapter_attn_dim") if c.bool("do_stable_layer_norm") else None
    own: Part | Tensors = ()
    if rank is not None:
        small = mlp(("adapter_layer.linear_1", "adapter_layer.linear_2"), hidden, rank)
        own = join(norm("adapter_layer.norm", hidden, bias=True), small)
    return join(
        attention(
            "attention",
            hidden,
            heads,
            heads,
            divide(c, "hidden_size over num_attention_heads", hidden, heads),
            names=FAIRSEQ_QKVO,
            bias=True,
            out_bias=True,
            cache=None,
        ),
        norm("layer_norm", hidden, bias=True),
        mlp(
            ("feed_forward.intermediate_dense", "feed_forward.output_dense"),
            hidden,
            c.int("intermediate_size", default=3072),
        ),
        norm("final_layer_norm", hidden, bias=True),
        own,
    )


def wav2vec2(c: Config, head: str | None = None) -> ModelSpec:
    """Wav2Vec2Model and its kin (arXiv:2006.11477; transformers 5.23, models/wav2vec2).

    Raises:
        ConfigError: an adapter under a head that takes none.
    """
    kind = head_of(c, head, "pretraining")
    hidden = c.int("hidden_size", default=768)
    output = c.int("output_hidden_size", default=0) or hidden
    heads = c.int("num_attention_heads", default=12, least=1)
    layers = c.count("num_hidden_layers", default=12)
    adapter = c.bool("add_adapter")
    if adapter and kind in ("sequence", "frame"):
        raise ConfigError("Classes of this type that judge sound take no adapter.", "Set add_adapter to false.")
    frames, width = convolutions(c)
    top = speech_top(c, kind, hidden, output=output if adapter else hidden, width=width, layers=layers)
    if top is None:
        raise refuse_head(c, kind)
    masked = c.number("mask_time_prob", default=0.05) > 0 or c.number("mask_feature_prob", default=0.0) > 0
    taps = c.int("num_conv_pos_embeddings", default=128)
    part = divide(c, "hidden_size over its groups", hidden, c.int("num_conv_pos_embedding_groups", default=16))
    # A convolution whose weight is kept as length and direction of each tap (arXiv:1602.07868).
    places = (
        Tensor("conv.bias", (hidden,), "bias"),
        Tensor("conv.parametrizations.weight.original0", (1, 1, taps), "conv"),
        Tensor("conv.parametrizations.weight.original1", (hidden, part, taps), "conv"),
    )
    into = (
        *norm("layer_norm", width, bias=True),
        *linear("projection", width, hidden, bias=True),
    )
    prefix = "" if kind == "base" else "wav2vec2."
    blocks = [
        Block("audio", prefix, scalars("masked_spec_embed", hidden) if masked else ()),
        Block("audio", f"{prefix}feature_extractor.", frames.tensors, work=frames.work),
        Block("audio", f"{prefix}feature_projection.", into),
        Block("audio", f"{prefix}encoder.pos_conv_embed.", places),
        Block("audio", f"{prefix}encoder.", norm("layer_norm", hidden, bias=True)),
        *uniform("audio", f"{prefix}encoder.layers.{{}}.", layers, wav2vec2_layer(c, hidden, heads)),
        Block("audio", f"{prefix}adapter.", shortening(c, hidden, output) if adapter else ()),
        Block("audio", "", top),
    ]
    return model_spec(c, blocks, hidden=hidden)
