"""Beam: gated attention, four norms, and windows in five layers of six; experts but for the first layers."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, buffer, linear, norm, scalars
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def beam(c: Config, head: str | None = None) -> ModelSpec:
    """BeamForCausalLM (transformers 5.23, models/beam)."""
    s = sizes(c, hidden=5120, heads=48, intermediate=20480, kv_heads=8, head_dim=128)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=2560)
    count = c.int("num_experts", default=256)
    top_k = c.int("num_experts_per_tok", default=8)
    # The scores of the experts stay in fp32.
    scores = (*router("mlp.gate", s.hidden, count), *buffer("mlp.gate.e_score_correction_bias", count))
    moe = join(
        tuple(t._replace(dtype="fp32") for t in scores),
        experts("mlp.experts", s.hidden, inner, count, top_k),
    )
    gates = (
        *linear("gate_proj", s.hidden, s.heads * s.head_dim, cut=COLUMN, unit=s.head_dim),
        *scalars("gate_bias", s.heads, shard=0),
    )

    def layer(mlp: str, cache: str, window: int | None) -> Part:
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
                extra=(*qk_norm(s.head_dim), *gates),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", s.hidden),
            norm("pre_feedforward_layernorm", s.hidden),
            moe if mlp == "sparse" else gated_mlp("mlp", s.hidden, s.intermediate),
            norm("post_feedforward_layernorm", s.hidden),
        )

    n = c.count("num_hidden_layers", default=52)
    pattern = ["sliding_attention" if (i + 1) % 6 and i != n - 1 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=512), pattern=pattern)
    mlps = c.each_layer("mlp_layer_types", layers=n) or ["dense" if i < 3 else "sparse" for i in range(n)]
    kinds = [(str(mlp), *window) for mlp, window in zip(mlps, windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
