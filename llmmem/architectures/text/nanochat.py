"""nanochat: no norm has weights, and the MLP has no gate."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def nanochat(c: Config, head: str | None = None) -> ModelSpec:
    """NanoChatForCausalLM (transformers 5.23, models/nanochat)."""
    s = sizes(c, hidden=768, heads=6, intermediate=8192)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=12), c.optional("sliding_window")),
        norms=(),
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(("mlp.fc1", "mlp.fc2"), s.hidden, s.intermediate, bias=False),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        final=(),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
