"""Muse Glimmer's language model: gated attention, three layers with a window to one without, norms on both sides."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, layer_windows, refuse_head
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import ModelSpec

NORMS = (
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
)


def muse_glimmer_text(c: Config, head: str | None = None) -> ModelSpec:
    """MuseGlimmerTextModel, which has no head of its own (transformers 5.23, models/muse_glimmer)."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    s = sizes(c, hidden=6656, heads=32, kv_heads=2, head_dim=128, intermediate=19968)
    divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads)
    n = c.count("num_hidden_layers", default=52)
    pattern = ["sliding_attention" if (n - 1 - i) % 4 else "full_attention" for i in range(n)]
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window", default=2048), pattern=pattern),
        norms=NORMS,
        bias=bias,
        out_bias=bias,
        extra=linear("gate_proj", s.hidden, s.heads * s.head_dim, cut=COLUMN, unit=s.head_dim),
    )
    return language_model(
        c,
        kind,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=202048, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
