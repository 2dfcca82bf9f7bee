"""Emu3's language model, whose vocabulary holds pictures too."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def emu3_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """Emu3ForCausalLM (arXiv:2409.18869; transformers 5.23, models/emu3)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=14336, kv_heads=8)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=184622, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=9216),
    )
