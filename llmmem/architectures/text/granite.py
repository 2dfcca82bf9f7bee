"""Granite: Llama with multipliers in place of tensors; the later kind has windows and a sink per head."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import sinks
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec

#: what the configuration class of Granite-Docling's language model has of its own
_DOCLING = {
    "vocab_size": 133800,
    "hidden_size": 1024,
    "intermediate_size": 2048,
    "num_hidden_layers": 28,
    "num_attention_heads": 16,
    "num_key_value_heads": 4,
    "max_position_embeddings": 32768,
}


def granite(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteForCausalLM (arXiv:2408.13359; transformers 5.23, models/granite)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
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
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def granite_docling_text(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteDoclingTextModel: Granite with other defaults, and no head (transformers 5.23, models/granite_docling)."""
    return granite(Config({**_DOCLING, **c.raw}, c.path, c.reads), head or "base")


def granite4_vision_text(c: Config, head: str | None = None) -> ModelSpec:
    """Granite4VisionTextModel: Granite without a head (transformers 5.23, models/granite4_vision)."""
    return granite(c, head or "base")


def granite_swa(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteSWAForCausalLM (transformers 5.23, models/granite_swa)."""
    s = sizes(c, hidden=2560, heads=20, kv_heads=4, intermediate=8192)
    bias = c.bool("attention_bias")
    n = c.count("num_hidden_layers", default=24)
    pattern = ["sliding_attention" if i % 4 else "full_attention" for i in range(n)]
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window", default=128), pattern=pattern),
        bias=bias,
        out_bias=bias,
        extra=sinks(s.heads),
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=100352, least=1),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
