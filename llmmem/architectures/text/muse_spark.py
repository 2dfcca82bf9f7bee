"""Muse Spark's language model: Muse Glimmer's attention, and experts in a narrower space of their own."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, language_model, layer_windows, refuse_head
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, buffer, in_fp32, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def muse_spark_text(c: Config, head: str | None = None) -> ModelSpec:
    """MuseSparkTextModel, which has no head of its own (transformers 5.23, models/muse_spark)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    s = sizes(c, hidden=8192, heads=128, kv_heads=16, head_dim=64, intermediate=16384)
    divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads)
    n = c.count("num_hidden_layers", default=62)
    pattern = ["sliding_attention" if (n - 1 - i) % 4 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=2048), pattern=pattern)
    dense, moe = gated_mlp("mlp", s.hidden, s.intermediate), _experts(c, s.hidden)
    bias = c.bool("attention_bias")
    gate = linear("gate_proj", s.hidden, s.heads * s.head_dim, cut=COLUMN, unit=s.head_dim)

    def layer(cache: str, window: int | None, sparse: bool) -> Part:
        attend = attention("self_attn", *s[:4], bias=bias, out_bias=bias, extra=gate, cache=cache, window=window)
        return join(
            attend,
            moe if sparse else dense,
            norm("input_layernorm", s.hidden),
            norm("pre_feedforward_layernorm", s.hidden),
            norm("post_feedforward_layernorm", s.hidden),
            # How much of either sum is kept, for every channel.
            in_fp32(scalars("post_attention_residual_gate.gate", s.hidden)),
            in_fp32(scalars("post_feedforward_residual_gate.gate", s.hidden)),
        )

    kinds = [(*window, sparse) for window, sparse in zip(windows, sparse_layers(c, [True] * n), strict=True)]
    return language_model(
        c,
        kind,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=202048, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=1048576),
    )


def _experts(c: Config, hidden: int) -> Part:
    """A matrix into the experts' space and one back, which all of them share."""
    width, inner = c.int("moe_hidden_size", default=4096), c.int("moe_intermediate_size", default=4096)
    count = c.int("num_local_experts", default=256, least=1)
    return join(
        in_fp32(router("mlp.gate", hidden, count)),
        buffer("mlp.gate.e_score_correction_bias", count, dtype="fp32"),
        linear("mlp.pre_expert_proj", hidden, width, cut=COLUMN),
        norm("mlp.pre_expert_norm", width),
        stacked_experts("mlp.experts", width, inner, count, c.int("num_experts_per_tok", default=8), layout="oi"),
        norm("mlp.experts.post_expert_norm", width),
        linear("mlp.post_expert_proj", width, hidden, cut=ROW),
    )
