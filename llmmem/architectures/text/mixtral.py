"""Mixtral: Mistral with eight experts in every layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, Part, join


def mixtral(c: Config, head: str | None = None) -> ModelSpec:
    """MixtralForCausalLM (arXiv:2401.04088; transformers 5.23, models/mixtral)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    inner = c.int("intermediate_size", default=14336)
    count = c.int("num_experts", "num_local_experts", default=8, least=1)
    top_k = c.int("num_experts_per_tok", default=2)

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            router("block_sparse_moe.gate", hidden, count),
            experts("block_sparse_moe.experts", hidden, inner, count, top_k, names=("w1", "w3", "w2"), wide=True),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        max_context=c.int("max_position_embeddings", default=131072),
    )
