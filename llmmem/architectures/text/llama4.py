"""Llama 4's language model: chunks where positions are rotary, a shared expert beside the routed ones."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join, runs


def llama4_text(c: Config, head: str | None = None) -> ModelSpec:
    """Llama4ForCausalLM (transformers 5.23, models/llama4)."""
    hidden = c.int("hidden_size", default=5120, least=1)
    heads = c.int("num_attention_heads", default=40, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = head_width(c, hidden, heads, 128)
    bias = c.bool("attention_bias")
    inner = c.int("intermediate_size", default=8192)
    dense = c.int("intermediate_size_mlp", default=16384)
    count = c.int("num_local_experts", default=16, least=1)
    top_k = c.int("num_experts_per_tok", default=1)

    routed = stacked_experts("feed_forward.experts", hidden, inner, count, top_k)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        moe = join(
            # Every expert runs over every token.
            runs(routed, held=5, width=count * (4 * inner + hidden)),
            router("feed_forward.router", hidden, count),
            gated_mlp("feed_forward.shared_expert", hidden, inner),
        )
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache, window=window
            ),
            norm("post_attention_layernorm", hidden),
            moe if sparse else gated_mlp("feed_forward", hidden, dense),
        )

    n = c.count("num_hidden_layers", default=48)
    interval = c.int("no_rope_layer_interval", default=4, least=1)
    rotary = c.ints("no_rope_layers") or [(i + 1) % interval for i in range(n)]  # 0: a layer without positions
    pattern = ["chunked_attention" if rotates else "full_attention" for rotates in rotary[:n]]
    chunk = c.optional("attention_chunk_size", default=8192)
    windows = layer_windows(c, n, c.optional("sliding_window"), chunk=chunk, pattern=pattern)
    step = c.int("interleave_moe_layer_step", default=1, least=1)
    sparse = c.ints("moe_layers")
    if sparse is None:
        sparse = list(range(step - 1, n, step))
    chosen = frozenset(sparse)
    kinds = [(i in chosen, *kind) for i, kind in enumerate(windows)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=202048, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
