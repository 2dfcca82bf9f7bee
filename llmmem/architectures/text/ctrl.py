"""CTRL: computed positions, biases everywhere, even on the tied head."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join


def ctrl(c: Config, head: str | None = None) -> ModelSpec:
    """CTRLLMHeadModel (arXiv:1909.05858; transformers 5.23, models/ctrl); general spellings win (attribute_map)."""
    hidden = c.int("hidden_size", "n_embd", default=1280, least=1)
    heads = c.int("num_attention_heads", "n_head", default=16, least=1)
    head_dim = divide(c, "n_embd over n_head", hidden, heads)
    vocab = c.int("vocab_size", default=246534, least=1)
    names = ("Wq", "Wk", "Wv", "dense")
    layer = join(
        attention("multi_head_attention", hidden, heads, heads, head_dim, names=names, bias=True, out_bias=True),
        mlp(("ffn.0", "ffn.2"), hidden, c.int("dff", default=8192)),
        norm("layernorm1", hidden, bias=True),
        norm("layernorm2", hidden, bias=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "n_layer", default=48), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("w", vocab, hidden),
        final=norm("layernorm", hidden, bias=True),
        base="transformer.",
        tied=True,
        head_bias=True,
        heads=("sequence",),
        sequence_head="classifier",
        max_context=c.int("max_position_embeddings", "n_positions", default=256),
    )
