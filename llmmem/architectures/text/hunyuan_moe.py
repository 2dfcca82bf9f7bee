"""Hunyuan's mixtures of experts: norms over each head of q and k, and a shared expert beside the routed ones."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import predictors, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import buffer, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def _visits(c: Config, layers: int) -> list[int]:
    """Experts a token visits in each layer: one number, or one per layer."""
    names = ("num_experts_per_tok", "moe_topk")
    if not isinstance(c.get(*names), list):
        return [c.int(*names, default=1)] * layers
    c.each_layer(*names, layers=layers)
    return (c.ints(*names) or [])[:layers]


def hunyuan_v1_moe(c: Config, head: str | None = None) -> ModelSpec:
    """HunYuanMoEV1ForCausalLM (transformers 5.23, models/hunyuan_v1_moe)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    bias = c.bool("attention_bias")
    count = c.int("num_local_experts", "num_experts", default=1, least=1)

    def layer(top_k: int, cache: str, window: int | None) -> Part:
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
                extra=(*norm("query_layernorm", s.head_dim), *norm("key_layernorm", s.head_dim)),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            router("mlp.gate.wg", s.hidden, count),
            experts("mlp.experts", s.hidden, s.intermediate, count, top_k),
            gated_mlp("mlp.shared_mlp", s.hidden, s.intermediate),
        )

    n = c.count("num_hidden_layers", default=32)
    windows = layer_windows(c, n, c.optional("sliding_window"))
    kinds = [(top_k, *window) for top_k, window in zip(_visits(c, n), windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=290943, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def hy_v3(c: Config, head: str | None = None) -> ModelSpec:
    """HYV3ForCausalLM (transformers 5.23, models/hy_v3)."""
    s = sizes(c, hidden=4096, heads=64, intermediate=13312, kv_heads=8, head_dim=128)
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")
    inner = c.int("moe_intermediate_size", default=1536)
    count = c.int("num_local_experts", "num_experts", default=192, least=1)
    top_k = c.int("num_experts_per_tok", default=8)
    moe = join(
        router("mlp.router.gate", s.hidden, count),
        buffer("mlp.expert_bias", count, dtype="fp32"),
        experts("mlp.experts", s.hidden, inner, count, top_k),
        gated_mlp("mlp.shared_mlp", s.hidden, inner * c.int("num_shared_experts", default=1), bias=mlp_bias),
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
                extra=qk_norm(s.head_dim),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            moe if sparse else gated_mlp("mlp", s.hidden, s.intermediate, bias=mlp_bias),
        )

    n = c.count("num_hidden_layers", default=80)
    windows = layer_windows(c, n, c.optional("sliding_window"))
    kinds = [
        (sparse, *window) for sparse, window in zip(sparse_layers(c, [i > 0 for i in range(n)]), windows, strict=True)
    ]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=120832, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        # They share the model's table and head.
        mtp=predictors(c, n, layer(True, "full", None), hidden=s.hidden, vocab=0, final="final_layernorm"),
    )
