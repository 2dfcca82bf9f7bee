"""Command A's line with experts: one norm per layer, full attention in every fourth."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def cohere2_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Cohere2MoeForCausalLM (transformers 5.23, models/cohere2_moe)."""
    s = sizes(c, hidden=8192, heads=64, intermediate=22528, head_dim=128)
    bias = c.bool("attention_bias")
    count = c.int("num_experts", default=8, least=1)
    shared = c.int("num_shared_experts", default=0)
    moe = join(
        router("mlp.gate", s.hidden, count),
        experts("mlp.experts", s.hidden, s.intermediate, count, c.int("num_experts_per_tok", default=2)),
        gated_mlp("mlp.shared_experts", s.hidden, s.intermediate * shared) if shared else (),
    )
    dense = gated_mlp("mlp", s.hidden, c.int("prefix_dense_intermediate_size", default=s.intermediate))

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn",
            s.hidden,
            s.heads,
            s.kv_heads,
            s.head_dim,
            bias=bias,
            out_bias=bias,
            cache=cache,
            window=window,
        )
        # Attention and feed-forward read the same normed input.
        return join(norm("input_layernorm", s.hidden), attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=40)
    first = c.count("first_k_dense_replace", default=0)
    prefix = c.int("prefix_dense_sliding_window_pattern", default=1, least=1)
    rest = c.int("sliding_window_pattern", default=4, least=1)
    slides = [(i + 1) % prefix for i in range(first)] + [(i + 1) % rest for i in range(n - first)]
    pattern = ["sliding_attention" if slide else "full_attention" for slide in slides[:n]]
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern)
    sparse = sparse_layers(c, [i >= first for i in range(n)])
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(a, *kind) for a, kind in zip(sparse, windows, strict=True)], layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        heads=(),
        tied=True,
        max_context=c.int("max_position_embeddings", default=8192),
    )
