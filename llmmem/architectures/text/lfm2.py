"""LFM2: short convolutions, and attention in some layers."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import Sizes, sizes
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.parts.shortconv import short_conv
from llmmem.tensors import ModelSpec, Part, join

W1_W3_W2 = ("w1", "w3", "w2")


def respelled(c: Config, **names: str) -> Config:
    """The config with keys of the first files under today's names, over which they win."""
    return Config({**c.raw, **{new: c.raw[old] for old, new in names.items() if c.has(old)}}, c.path, c.reads)


def conv_model(
    c: Config,
    head: str | None,
    s: Sizes,
    kinds: Sequence[str],
    attends: dict[str, Part],
    feed_forwards: Sequence[str],
    parts: dict[str, Part],
    *,
    kernel: int,
    vocab: int,
    norms: Tensors = (),
) -> ModelSpec:
    """Convolutions where ``kinds`` says so, attention elsewhere, and a feed-forward in every layer.

    Args:
        attends: attention by kind of layer.
        feed_forwards: by layer, one of ``parts``.
        kernel, vocab: class defaults.
        norms: beside the two that every family has.
    """
    conv = short_conv("conv", s.hidden, c.int("conv_L_cache", default=kernel, least=1), bias=c.bool("conv_bias"))

    def layer(kind: str, feed_forward: str) -> Part:
        return join(
            conv if kind == "conv" else attends[kind],
            parts[feed_forward],
            norm("operator_norm", s.hidden),
            norm("ffn_norm", s.hidden),
            norms,
        )

    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(kinds, feed_forwards, strict=True)), layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=vocab, least=1),
        final=norm("embedding_norm", s.hidden),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=128000),
    )


def lfm2_attention(s: Sizes) -> dict[str, Part]:
    """Norms over each head of q and k, under names of their own."""
    norms = (*norm("q_layernorm", s.head_dim), *norm("k_layernorm", s.head_dim))
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    return {"full_attention": attention("self_attn", *s[:4], names=names, extra=norms)}


def _adjusted(c: Config, intermediate: int) -> int:
    """The width of the feed-forward: two thirds of what the config says, scaled and rounded up."""
    if not c.bool("block_auto_adjust_ff_dim", default=True):
        return intermediate
    width = int(2 * intermediate / 3)
    if c.has("block_ffn_dim_multiplier") and c.get("block_ffn_dim_multiplier") is None:
        return width
    width = int(c.number("block_ffn_dim_multiplier", default=1.0) * width)
    multiple = c.int("block_multiple_of", default=256, least=1)
    return -(-width // multiple) * multiple


def lfm2(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm2ForCausalLM (arXiv:2511.23404; transformers 5.23, models/lfm2)."""
    c = respelled(c, block_ff_dim="intermediate_size", tie_embedding="tie_word_embeddings")
    s = sizes(c, hidden=2560, heads=32, kv_heads=8, intermediate=12288)
    n = c.count("num_hidden_layers", default=32)
    full = c.ints("full_attn_idxs")
    default = ["full_attention" if full is None or i in full else "conv" for i in range(n)]
    kinds = layer_kinds(c, "layer_types", known=("full_attention", "conv"), default=default, layers=n)
    mlp = gated_mlp("feed_forward", s.hidden, _adjusted(c, s.intermediate), names=W1_W3_W2)
    return conv_model(c, head, s, kinds, lfm2_attention(s), ["mlp"] * n, {"mlp": mlp}, kernel=3, vocab=65536)
