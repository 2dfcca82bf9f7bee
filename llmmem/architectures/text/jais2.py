"""Jais 2: LayerNorm, biases everywhere, and an MLP without a gate."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def jais2(c: Config, head: str | None = None) -> ModelSpec:
    """Jais2ForCausalLM (transformers 5.23, models/jais2)."""
    s = sizes(c, hidden=3328, heads=26, intermediate=26624)
    bias = c.bool("attention_bias", default=True)
    mlp_bias = c.bool("mlp_bias", default=True)
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        norm_bias=True,
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(("mlp.up_proj", "mlp.down_proj"), s.hidden, s.intermediate, bias=mlp_bias),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=150272, least=1),
        final=norm("norm", s.hidden, bias=True),
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
