"""Nemotron: LayerNorm, and an MLP without a gate."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def nemotron(c: Config, head: str | None = None) -> ModelSpec:
    """NemotronForCausalLM (arXiv:2402.16819; transformers 5.23, models/nemotron)."""
    s = sizes(c, hidden=6144, heads=48, intermediate=24576)
    # The class has no default for them and none for null.
    s = s._replace(kv_heads=c.int("num_key_value_heads", least=1))
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        norm_bias=True,
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(
            ("mlp.up_proj", "mlp.down_proj"),
            s.hidden,
            s.intermediate,
            bias=c.bool("mlp_bias"),
            act=c.str("hidden_act", default="relu2"),
        ),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        final=norm("norm", s.hidden, bias=True),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=4096),
    )
