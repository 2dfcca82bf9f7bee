"""DiffLlama: the difference of two attentions, weighted by learned vectors."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.tensors import ModelSpec


def diffllama(c: Config, head: str | None = None) -> ModelSpec:
    """DiffLlamaForCausalLM (arXiv:2410.05258; transformers 5.23, models/diffllama); its group norm has no weight."""
    s = sizes(c, hidden=2048, heads=32, intermediate=8192)
    bias = c.bool("attention_bias")
    lambdas: Tensors = tuple(t for n in ("q1", "k1", "q2", "k2") for t in scalars(f"lambda_{n}", s.head_dim))
    windows = layer_windows(c, c.count("num_hidden_layers", default=16), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=bias, out_bias=bias, extra=lambdas),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=2048),
    )
