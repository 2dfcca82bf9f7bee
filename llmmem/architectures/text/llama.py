"""Llama and the decoders that differ from it in a flag: biases, q/k norms, windows, one fused matrix."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def llama(c: Config, head: str | None = None) -> ModelSpec:
    """LlamaForCausalLM (transformers 5.23, models/llama)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    bias = c.bool("attention_bias")
    mlp = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11008), bias=c.bool("mlp_bias"))

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache, window=window
            ),
            norm("post_attention_layernorm", hidden),
            mlp,
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=2048),
    )


def mistral(c: Config, head: str | None = None) -> ModelSpec:
    """MistralForCausalLM: one window for all layers, none when it is null (transformers 5.23, models/mistral)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    intermediate = c.int("intermediate_size", default=14336)

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
        )

    n = c.count("num_hidden_layers", default=32)
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        max_context=c.int("max_position_embeddings", default=131072),
    )
