"""Cosmos 3 Edge's language model."""

from __future__ import annotations

from llmmem.architectures.base import language_model
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def cosmos3_edge_text(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3EdgeTextModel: Llama with a plain feed-forward, and no head (transformers 5.23, models/cosmos3_edge)."""
    s = sizes(c, hidden=2048, heads=16, kv_heads=8, head_dim=128, intermediate=9216)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        [("full", None)] * c.count("num_hidden_layers", default=28),
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(("mlp.fc1", "mlp.fc2"), s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        default_head="base",
    )
