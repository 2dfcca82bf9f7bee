"""Doge: attention masked by what the values say, weighted residuals, and experts of one vector each."""

from __future__ import annotations

from math import isqrt

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, sizes
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import ROW, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, Tensor, Work, join


def _experts(c: Config, s: Sizes) -> Part:
    """Two tables whose rows are the experts, found by two keys of which there are as many as the square root.

    They are looked up, never converted, and cut in tensor parallelism, which the table of the vocabulary is not.
    """
    count, top_k = c.int("num_experts", default=16384, least=1), c.int("num_experts_per_tok", default=64)
    tensors = (
        *linear("mlp.router_gate", s.hidden, 2 * isqrt(count), role="router"),
        Tensor("mlp.down_embed.weight", (s.hidden,), "scalar", 0, copies=count, active=top_k),
        Tensor("mlp.up_embed.weight", (s.hidden,), "scalar", 0, copies=count, active=top_k),
    )
    # Every combination of the two keys is scored, and the chosen rows of both tables are gathered.
    return Part(tensors, (), (Work("moe", 2 * top_k * s.hidden + 2 * isqrt(count) ** 2, top_k=top_k),))


def doge(c: Config, head: str | None = None) -> ModelSpec:
    """DogeForCausalLM (transformers 5.23, models/doge)."""
    s = sizes(c, hidden=1024, heads=8, intermediate=2048)
    bias = c.bool("attention_bias")
    mask = (
        *scalars("A", s.kv_heads),
        *linear("dt_proj", s.kv_heads * s.head_dim, s.kv_heads, bias=bias, cut=ROW, unit=s.head_dim),
    )
    feed_forward = join(
        gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
        _experts(c, s) if c.bool("is_moe") else (),
    )

    def layer(cache: str, window: int | None) -> Part:
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
                extra=(*mask, *qk_norm(s.head_dim)),
                cache=cache,
                window=window,
                biased=True,
            ),
            scalars("input_residual", s.hidden),
            norm("post_attention_layernorm", s.hidden),
            feed_forward,
            scalars("post_attention_residual", s.hidden),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32768, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )
