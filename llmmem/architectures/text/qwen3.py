"""Qwen3, dense and with experts: norms over each head of q and k."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.qwen2 import qwen_windows
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def sparse_layers(c: Config, layers: int, count: int) -> list[bool]:
    """Which layers have experts: every ``decoder_sparse_step``-th, but none of ``mlp_only_layers``."""
    step = c.int("decoder_sparse_step", default=1, least=1)
    dense = frozenset(c.ints("mlp_only_layers") or ())
    return [i not in dense and count > 0 and (i + 1) % step == 0 for i in range(layers)]


def qwen3(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3ForCausalLM (arXiv:2505.09388; transformers 5.23, models/qwen3)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=32, null=heads, least=1)
    head_dim = head_width(c, hidden, heads, 128)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=22016)

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=qk_norm(head_dim),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
        )

    windows = qwen_windows(c, c.count("num_hidden_layers", default=32), 28)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )


def qwen3_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3MoeForCausalLM (transformers 5.23, models/qwen3_moe); its class has no default for head_dim."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim = head_width(c, hidden, heads)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=6144)
    inner = c.int("moe_intermediate_size", default=768)
    count = c.int("num_local_experts", "num_experts", default=128)
    top_k = c.int("num_experts_per_tok", default=8)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=qk_norm(head_dim),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            router("mlp.gate", hidden, count) if sparse else (),
            experts("mlp.experts", hidden, inner, count, top_k) if sparse else gated_mlp("mlp", hidden, intermediate),
        )

    n = c.count("num_hidden_layers", default=24)
    window = c.optional("sliding_window", default=4096)
    windows = layer_windows(c, n, window if c.bool("use_sliding_window") else None)
    kinds = [(sparse, *kind) for sparse, kind in zip(sparse_layers(c, n, count), windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )
