"""LFM3: short convolutions, attention with a window and without, norms on both sides of either."""

from __future__ import annotations

from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.lfm2 import W1_W3_W2, conv_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def lfm3(c: Config, head: str | None = None) -> ModelSpec:
    """Lfm3ForCausalLM (transformers 5.23, models/lfm3)."""
    s = sizes(c, hidden=2048, heads=16, kv_heads=4, head_dim=128, intermediate=7680)
    n = c.count("num_hidden_layers", default=24)
    period = ("sliding_attention", "conv", "full_attention", "conv")
    default = [period[i % 4] if i else "conv" for i in range(n)]
    kinds = layer_kinds(
        c, "layer_types", known=("full_attention", "sliding_attention", "conv"), default=default, layers=n
    )
    bias = c.bool("attention_bias")
    window = c.optional("sliding_window", default=256)
    gate = linear("gate_proj", s.hidden, s.heads, cut=COLUMN) if c.bool("use_attention_gate", default=True) else ()
    extra = (*qk_norm(s.head_dim), *gate)
    full = attention("self_attn", *s[:4], bias=bias, out_bias=bias, extra=extra)
    sliding = attention("self_attn", *s[:4], bias=bias, out_bias=bias, extra=extra, cache="sliding", window=window)
    attends = {"full_attention": full, "sliding_attention": full if window is None else sliding}
    norms = (*norm("post_operator_norm", s.hidden), *norm("post_ffn_norm", s.hidden))
    mlp = gated_mlp("feed_forward", s.hidden, s.intermediate, names=W1_W3_W2)
    return conv_model(
        c,
        head,
        s,
        kinds,
        attends,
        ["mlp"] * n,
        {"mlp": mlp},
        kernel=7,
        vocab=128000,
        norms=norms if c.bool("use_sandwich_norm", default=True) else (),
    )
