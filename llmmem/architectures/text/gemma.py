"""Gemma and Gemma 2: heads wider than hidden_size leaves them, tied embeddings, in Gemma 2 alternating windows."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join, runs


def gemma(c: Config, head: str | None = None) -> ModelSpec:
    """GemmaForCausalLM (arXiv:2403.08295; transformers 5.23, models/gemma)."""
    hidden = c.int("hidden_size", default=3072, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=16, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=24576)

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache, window=window
            ),
            norm("post_attention_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=28), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        heads=("sequence", "token"),
        tied=True,
        max_context=c.int("max_position_embeddings", default=8192),
    )


def gemma2(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma2ForCausalLM: four norms, and a window in every other layer (arXiv:2408.00118; transformers 5.23)."""
    hidden = c.int("hidden_size", default=2304, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=9216)

    def layer(cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache, window=window
        )
        return join(
            norm("input_layernorm", hidden),
            runs(attends, written=True),  # soft caps have no fused kernel
            norm("post_attention_layernorm", hidden),
            norm("pre_feedforward_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
            norm("post_feedforward_layernorm", hidden),
        )

    n = c.count("num_hidden_layers", default=26)
    pattern = ["sliding_attention" if (i + 1) % 2 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        heads=("sequence", "token"),
        tied=True,
        max_context=c.int("max_position_embeddings", default=8192),
    )
