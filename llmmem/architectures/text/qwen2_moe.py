"""Qwen1.5-MoE and Qwen2-57B-A14B: many small experts and a gated one that every token visits."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.qwen3 import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp, gated_shared_moe
from llmmem.tensors import ModelSpec, Part, join


def qwen2_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2MoeForCausalLM (arXiv:2407.10671; transformers 5.23, models/qwen2_moe)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=16, null=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    bias = c.bool("qkv_bias", default=True)
    count = c.int("num_experts", default=60)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=5632))
    moe = gated_shared_moe(
        "mlp",
        hidden,
        c.int("moe_intermediate_size", default=1408),
        count,
        c.int("num_experts_per_tok", default=4),
        c.int("shared_expert_intermediate_size", default=5632),
    )

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=24)
    window = c.optional("sliding_window", default=4096)
    slides = c.bool("use_sliding_window")
    late = c.int("max_window_layers", default=28)
    pattern = ["sliding_attention" if slides and i < late and i % 2 == 0 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, window if slides else None, pattern=pattern)
    kinds = [(sparse, *kind) for sparse, kind in zip(sparse_layers(c, n, count), windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        max_context=c.int("max_position_embeddings", default=32768),
    )
