"""Laguna: a number of heads for every layer, a gate on what they put out, shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, linear, norm, scalars
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def laguna(c: Config, head: str | None = None) -> ModelSpec:
    """LagunaForCausalLM (transformers 5.23, models/laguna)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=48, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = head_width(c, hidden, heads, 128)
    bias = c.bool("attention_bias")
    # true and "per-head": one gate for a whole head; anything else: one for every channel
    per_head = not c.has("gating") or c.get("gating") in (True, "per-head")
    inner = c.int("moe_intermediate_size", default=512)
    count = c.int("num_experts", default=256, least=1)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=8192))
    moe = join(
        router("mlp.gate", hidden, count),
        # A parameter that is not trained by gradients, so no buffer.
        scalars("mlp.experts.e_score_correction_bias", count),
        experts("mlp.experts", hidden, inner, count, c.int("num_experts_per_tok", default=8)),
        gated_mlp("mlp.shared_expert", hidden, c.int("shared_expert_intermediate_size", default=512)),
    )

    def layer(heads: int, sparse: bool, cache: str, window: int | None) -> Part:
        unit = 1 if per_head else head_dim
        gate = linear("g_proj", hidden, heads * unit, cut=COLUMN, unit=unit)
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
                extra=(*gate, *qk_norm(head_dim)),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=40)
    own = "num_attention_heads_per_layer"
    c.each_layer(own, layers=n)
    each = (c.ints(own) or [heads] * n)[:n]
    windows = layer_windows(c, n, c.optional("sliding_window", default=512), pattern=["full_attention"] * n)
    sparse = sparse_layers(c, [i > 0 for i in range(n)])
    kinds = [(h, moes, *window) for h, moes, window in zip(each, sparse, windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=100352, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
