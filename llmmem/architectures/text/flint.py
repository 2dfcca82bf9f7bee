"""Flint: attention sinks, windows in three layers of four, and a shared expert beside the routed ones."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import norm, scalars
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def flint(c: Config, head: str | None = None) -> ModelSpec:
    """FlintForCausalLM (transformers 5.23, models/flint)."""
    s = sizes(c, hidden=2048, heads=32, intermediate=6144, kv_heads=4, head_dim=128)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=512)
    shared = c.int("shared_expert_intermediate_size", default=1024)
    count = c.int("num_experts", default=256)
    top_k = c.int("num_experts_per_tok", default=6)
    # The router and the sinks stay in fp32.
    sinks = tuple(t._replace(dtype="fp32") for t in scalars("softmax_offset", s.heads, shard=0))
    moe = join(
        tuple(t._replace(dtype="fp32") for t in router("mlp.gate", s.hidden, count)),
        experts("mlp.experts", s.hidden, inner, count, top_k),
        gated_mlp("mlp.shared_expert", s.hidden, shared),
    )

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            attention(
                "self_attn",
                s.hidden,
                s.heads,
                s.kv_heads,
                s.head_dim,
                bias=bias,
                out_bias=bias,
                extra=(*qk_norm(s.head_dim), *sinks),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            moe if sparse else gated_mlp("mlp", s.hidden, s.intermediate),
        )

    n = c.count("num_hidden_layers", default=49)
    pattern = ["full_attention" if i < 2 or i % 4 == 1 or i == n - 1 else "sliding_attention" for i in range(n)]
    windows = layer_windows(c, n, c.int("sliding_window", default=513), pattern=pattern)
    named = c.ints("mlp_only_layers")
    dense = (0, 1) if named is None else named
    step = c.int("decoder_sparse_step", default=1, least=1)
    kinds = [(i not in dense and count > 0 and (i + 1) % step == 0, *window) for i, window in enumerate(windows)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=150144, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=262144),
    )
