"""MiMo-V2-Flash: a window in five layers of six, with twice the key heads and a learned sink per head."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import buffer, norm, scalars
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def mimo_v2_flash(c: Config, head: str | None = None) -> ModelSpec:
    """MiMoV2FlashForCausalLM (transformers 5.23, models/mimo_v2_flash)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim = head_width(c, hidden, heads, 192)
    value_dim = c.int("v_head_dim", default=128, least=1)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=2048)
    count = c.int("num_local_experts", "n_routed_experts", default=256, least=1)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=16384))
    moe = join(
        router("mlp.gate", hidden, count),
        buffer("mlp.gate.e_score_correction_bias", count, dtype="fp32"),
        experts("mlp.experts", hidden, inner, count, c.int("num_experts_per_tok", default=8)),
    )

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        slides = cache == "sliding"
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                2 * kv_heads if slides else kv_heads,
                head_dim,
                value_dim=value_dim,
                bias=bias,
                extra=scalars("attention_sink_bias", heads, shard=0) if slides else (),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=48)
    window = c.int("sliding_window", default=129)
    if c.get("sliding_window_size") is not None:  # counts the tokens before the one that looks back
        window = c.int("sliding_window_size") + 1
    pattern = ["full_attention" if i == 0 or i % 6 == 5 else "sliding_attention" for i in range(n)]
    windows = layer_windows(c, n, window, pattern=pattern)
    kinds = [(sparse, *kind) for sparse, kind in zip(sparse_layers(c, [i > 0 for i in range(n)]), windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=152576, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
