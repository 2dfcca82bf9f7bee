"""JetMoE: experts in the attention too, which share keys and values."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.moa import mixture_of_attention, mixture_of_experts
from llmmem.tensors import ModelSpec, Part, join


def jetmoe(c: Config, head: str | None = None) -> ModelSpec:
    """JetMoeForCausalLM (arXiv:2404.07413; transformers 5.23, models/jetmoe)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    kv_heads = c.int("num_key_value_heads", default=16, least=1)
    head_dim = c.int("head_dim", "kv_channels", default=128, least=1)
    intermediate = c.int("intermediate_size", default=5632)
    count = c.int("num_local_experts", default=8, least=1)
    top_k = c.int("num_experts_per_tok", default=2, least=1)

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            mixture_of_attention(
                "self_attention", hidden, kv_heads, head_dim, count, top_k, cache=cache, window=window
            ),
            norm("post_attention_layernorm", hidden),
            mixture_of_experts("mlp", hidden, intermediate, count, top_k),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=12), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        tied=True,
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=4096),
    )
