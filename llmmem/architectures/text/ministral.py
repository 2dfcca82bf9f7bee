"""Ministral and Ministral 3: Llama's tensors, with windows and without."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def ministral(c: Config, head: str | None = None) -> ModelSpec:
    """MinistralForCausalLM (transformers 5.23, models/ministral)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=14336, kv_heads=8)
    # The class has no default for it and none for null.
    s = s._replace(head_dim=c.int("head_dim", least=1))
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window", default=4096))
    return language_model(
        c,
        head,
        llama_layers(s, windows),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=131072),
    )


def ministral3(c: Config, head: str | None = None) -> ModelSpec:
    """Ministral3ForCausalLM (transformers 5.23, models/ministral3)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=14336, kv_heads=8, head_dim=128)
    windows = layer_windows(c, c.count("num_hidden_layers", default=34), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        llama_layers(s, windows),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        max_context=c.int("max_position_embeddings", default=262144),
    )
