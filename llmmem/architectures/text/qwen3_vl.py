"""The language models of Qwen3-VL: Qwen3 without windows, and with experts stored as stacks."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, uniform
from llmmem.architectures.text.qwen3 import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def _attended(c: Config, hidden: int, heads: int, kv_heads: int, head_dim: int, feed_forward: Part) -> Part:
    bias = c.bool("attention_bias")
    return join(
        norm("input_layernorm", hidden),
        attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, extra=qk_norm(head_dim)),
        norm("post_attention_layernorm", hidden),
        feed_forward,
    )


def qwen3_vl_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLTextModel, which has no head of its own (transformers 5.23, models/qwen3_vl)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=32, null=heads, least=1)
    head_dim = head_width(c, hidden, heads, 128)
    feed_forward = gated_mlp("mlp", hidden, c.int("intermediate_size", default=22016))
    layer = _attended(c, hidden, heads, kv_heads, head_dim, feed_forward)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=128000),
        default_head="base",
    )


def qwen3_vl_moe_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLMoeTextModel, which has no head of its own (transformers 5.23, models/qwen3_vl_moe)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=16, null=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    intermediate = c.int("intermediate_size", default=5632)
    inner = c.int("moe_intermediate_size", default=1408)
    count = c.int("num_local_experts", "num_experts", default=60)
    top_k = c.int("num_experts_per_tok", default=4)

    def layer(sparse: bool) -> Part:
        routed = join(
            router("mlp.gate", hidden, count),
            stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi"),
        )
        feed_forward = routed if sparse else gated_mlp("mlp", hidden, intermediate)
        return _attended(c, hidden, heads, kv_heads, head_dim, feed_forward)

    kinds = sparse_layers(c, c.count("num_hidden_layers", default=24), count)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=128000),
        default_head="base",
    )
