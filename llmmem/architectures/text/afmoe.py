"""Arcee's AFMoE (Trinity): gated attention, norms on both sides of every part, full attention in every fourth layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, Tensor, join


def afmoe(c: Config, head: str | None = None) -> ModelSpec:
    """AfmoeForCausalLM (transformers 5.23, models/afmoe)."""
    s = sizes(c, hidden=2048, heads=16, intermediate=6144, head_dim=128)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=1408)
    count = c.int("num_experts", default=64, least=1)
    top_k = c.int("num_experts_per_tok", default=6)
    moe = join(
        router("mlp.router.gate", s.hidden, count),
        gated_mlp("mlp.shared_experts", s.hidden, inner * c.int("num_shared_experts", default=2)),
        experts("mlp.experts", s.hidden, inner, count, top_k),
        (Tensor("mlp.expert_bias", (count,), "bias"),),
    )
    dense = gated_mlp("mlp", s.hidden, s.intermediate)
    gate = linear("gate_proj", s.hidden, s.heads * s.head_dim, cut=COLUMN, unit=s.head_dim)

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
                extra=(*qk_norm(s.head_dim), *gate),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            norm("pre_mlp_layernorm", s.hidden),
            moe if sparse else dense,
            norm("post_mlp_layernorm", s.hidden),
        )

    n = c.count("num_hidden_layers", default=32)
    every = c.int("global_attn_every_n_layers", default=4, least=1)
    pattern = ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=1024), pattern=pattern)
    first = c.int("num_dense_layers", default=1)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(i >= first, *kind) for i, kind in enumerate(windows)], layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=200192, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=16384),
    )
