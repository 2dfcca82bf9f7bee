"""HyperCLOVA X: Llama with a norm after attention and MLP as well, and multipliers in place of tensors."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def hyperclovax(c: Config, head: str | None = None) -> ModelSpec:
    """HyperCLOVAXForCausalLM (transformers 5.23, models/hyperclovax)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    bias = c.bool("attention_bias")
    after = ("post_norm1", "post_norm2") if c.bool("use_post_norm", default=True) else ()
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        norms=("input_layernorm", "post_attention_layernorm", *after),
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
