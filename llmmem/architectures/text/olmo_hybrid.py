"""OLMo Hybrid: gated delta networks, and attention with norms over all heads of q and k in every fourth layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.delta import separate_delta_net
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def olmo_hybrid(c: Config, head: str | None = None) -> ModelSpec:
    """OlmoHybridForCausalLM (transformers 5.23, models/olmo_hybrid)."""
    hidden = c.int("hidden_size", default=3840, least=1)
    heads = c.int("num_attention_heads", default=30, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    bias = c.bool("attention_bias")
    key_heads = c.int("linear_num_key_heads", default=heads, least=1)
    key_dim = c.int("linear_key_head_dim", default=int(0.75 * hidden / key_heads), least=1)
    extra = (*norm("q_norm", heads * head_dim), *norm("k_norm", kv_heads * head_dim))
    mlp = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11008))
    # transformers 5.23 writes the norm after the mixer of either kind as the one before the feed-forward.
    layers = {
        "full_attention": join(
            attention("self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, extra=extra),
            mlp,
            norm("feedforward_layer_norm", hidden),
            norm("post_feedforward_layernorm", hidden),
        ),
        "linear_attention": join(
            mlp,
            norm("attention_layer_norm", hidden),
            norm("feedforward_layer_norm", hidden),
            separate_delta_net(
                "linear_attn",
                hidden,
                key_heads=key_heads,
                value_heads=c.int("linear_num_value_heads", default=heads, least=1),
                key_dim=key_dim,
                value_dim=c.int("linear_value_head_dim", default=2 * key_dim, least=1),
                kernel=c.int("linear_conv_kernel_dim", default=4, least=1),
            ),
        ),
    }

    def layer(kind: str) -> Part:
        return layers[kind]

    n = c.count("num_hidden_layers", default=32)
    default = ["linear_attention" if i % 4 != 3 else "full_attention" for i in range(n)]
    if n and n < 4:  # a model too short for a fourth layer ends on attention
        default[-1] = "full_attention"
    return language_model(
        c,
        head,
        blocks_by_kind(
            "language",
            "layers.{}.",
            layer_kinds(c, "layer_types", known=tuple(layers), default=default, layers=n),
            layer,
        ),
        hidden=hidden,
        vocab=c.int("vocab_size", default=100352, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=65536),
    )
