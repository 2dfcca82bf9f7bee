"""Qwen3-Next: gated delta networks with gated attention in every fourth layer, and many small experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.qwen3 import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import linear, norm
from llmmem.parts.delta import gated_delta_net
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def qwen3_next(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3NextForCausalLM (transformers 5.23, models/qwen3_next)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=2, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=5632)
    inner = c.int("moe_intermediate_size", default=512)
    shared = c.int("shared_expert_intermediate_size", default=512)
    count = c.int("num_experts", default=512)
    top_k = c.int("num_experts_per_tok", default=10)
    delta = gated_delta_net(
        "linear_attn",
        hidden,
        key_heads=c.int("linear_num_key_heads", default=16, least=1),
        value_heads=c.int("linear_num_value_heads", default=32, least=1),
        key_dim=c.int("linear_key_head_dim", default=128, least=1),
        value_dim=c.int("linear_value_head_dim", default=128, least=1),
        kernel=c.int("linear_conv_kernel_dim", default=4, least=1),
    )
    attends = attention(
        "self_attn",
        hidden,
        heads,
        kv_heads,
        head_dim,
        bias=bias,
        out_bias=bias,
        extra=qk_norm(head_dim),
        gated=True,
    )
    moe = join(
        router("mlp.gate", hidden, count),
        experts("mlp.experts", hidden, inner, count, top_k),
        gated_mlp("mlp.shared_expert", hidden, shared),
        # A gate of one row is kept whole and unquantised like a router.
        linear("mlp.shared_expert_gate", hidden, 1, role="router"),
    )
    dense = gated_mlp("mlp", hidden, intermediate)

    def layer(sparse: bool, kind: str, _: None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            delta if kind == "linear" else attends,
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=48)
    interval = c.int("full_attention_interval", default=4, least=1)
    pattern = ["linear_attention" if (i + 1) % interval else "full_attention" for i in range(n)]
    mixers = layer_windows(c, n, None, pattern=pattern, linear_layers=True)
    kinds = [(sparse, *kind) for sparse, kind in zip(sparse_layers(c, n, count), mixers, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )
