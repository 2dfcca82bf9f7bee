"""Granite 4: Mamba-2 and attention layers, each with a shared MLP and, in most sizes, experts beside it."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model
from llmmem.architectures.text.bamba import mamba2_of
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def granitemoehybrid(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteMoeHybridForCausalLM (transformers 5.23, models/granitemoehybrid)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    bias = c.bool("attention_bias")
    inner = c.int("intermediate_size", default=11008)
    count = c.int("num_local_experts", default=8)
    top_k = c.int("num_experts_per_tok", default=2)
    names = ("input_linear.weight", "output_linear.weight")
    feed_forward = join(
        router("block_sparse_moe.router.layer", hidden, count) if count else (),
        stacked_experts("block_sparse_moe", hidden, inner, count, top_k, names=names, layout="oi") if count else (),
        fused_gated_mlp(
            "shared_mlp",
            hidden,
            c.int("shared_intermediate_size", default=1024),
            names=("input_linear", "output_linear"),
        ),
    )
    mixers = {
        "linear_attention": mamba2_of(c, hidden, c.int("mamba_expand", default=2) * hidden),
        "full_attention": attention(
            "self_attn", hidden, heads, kv_heads, head_width(c, hidden, heads), bias=bias, out_bias=bias
        ),
    }

    def layer(kind: str) -> Part:
        return join(
            norm("input_layernorm", hidden), mixers[kind], norm("post_attention_layernorm", hidden), feed_forward
        )

    n = c.count("num_hidden_layers", default=32)
    kinds = layer_kinds(
        c, "layers_block_type", "layer_types", known=tuple(mixers), default=["linear_attention"] * n, layers=n
    )
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
