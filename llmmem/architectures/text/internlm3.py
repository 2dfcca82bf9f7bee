"""InternLM3 and IQuest-Coder, which transformers builds as Llama."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def internlm3(c: Config, head: str | None = None) -> ModelSpec:
    """LlamaForCausalLM on an InternLM3Config, whose own names for the biases win (transformers 5.23)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=10240, kv_heads=2, head_dim=128)
    bias = c.bool("qkv_bias", "attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=48), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("bias", "mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128512, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )


def iquestcoder(c: Config, head: str | None = None) -> ModelSpec:
    """LlamaForCausalLM on an IQuestCoderConfig (transformers 5.23, models/iquestcoder)."""
    s = sizes(c, hidden=5120, heads=40, intermediate=27648, kv_heads=8, head_dim=128)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=80), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=76800, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=131072),
    )
