"""ERNIE 4.5, dense: Llama with wide heads and one flag for all biases."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def ernie4_5(c: Config, head: str | None = None) -> ModelSpec:
    """Ernie4_5ForCausalLM (transformers 5.23, models/ernie4_5)."""
    s = sizes(c, hidden=1024, heads=16, kv_heads=2, head_dim=128, intermediate=3072)
    bias = c.bool("use_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=18), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=bias),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=103424, least=1),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )


def paddleocr_vl_text(c: Config, head: str | None = None) -> ModelSpec:
    """PaddleOCRTextModel: ERNIE 4.5, which on its own has no head (transformers 5.23, models/paddleocr_vl)."""
    return ernie4_5(c, head_of(c, head, "base"))
