"""Arcee's AFM: Llama with an MLP without a gate."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def arcee(c: Config, head: str | None = None) -> ModelSpec:
    """ArceeForCausalLM (transformers 5.23, models/arcee)."""
    s = sizes(c, hidden=2560, heads=32, intermediate=18432)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(("mlp.up_proj", "mlp.down_proj"), s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=4096),
    )
