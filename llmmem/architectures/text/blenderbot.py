"""Blenderbot, large and small, which talk."""

from __future__ import annotations

from llmmem.architectures.text.bart import fairseq_model
from llmmem.config import Config
from llmmem.parts.basic import norm, positions
from llmmem.tensors import ModelSpec


def blenderbot(c: Config, head: str | None = None) -> ModelSpec:
    """BlenderbotForConditionalGeneration: a norm after each stack (arXiv:2004.13637; transformers 5.23)."""
    hidden = c.int("hidden_size", "d_model", default=2560)
    length = c.int("max_position_embeddings", default=128)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=8008),
        length=length,
        stem=positions("embed_positions", length, hidden),
        final=norm("layer_norm", hidden, bias=True),
        layers=(2, 24),
        heads=32,
        intermediate=10240,
    )


def blenderbot_small(c: Config, head: str | None = None) -> ModelSpec:
    """BlenderbotSmallForConditionalGeneration: a norm before each stack (transformers 5.23)."""
    hidden = c.int("hidden_size", "d_model", default=512)
    length = c.int("max_position_embeddings", default=512)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=50265),
        length=length,
        stem=(*positions("embed_positions", length, hidden), *norm("layernorm_embedding", hidden, bias=True)),
        layers=(8, 8),
        intermediate=2048,
    )
