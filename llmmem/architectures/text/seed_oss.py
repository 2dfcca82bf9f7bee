"""Seed-OSS: Llama with a flag of its own for each bias."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def seed_oss(c: Config, head: str | None = None) -> ModelSpec:
    """SeedOssForCausalLM (transformers 5.23, models/seed_oss)."""
    s = sizes(c, hidden=4096, heads=80, intermediate=27648, kv_heads=8, head_dim=128)
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=64), c.optional("sliding_window")),
        bias=c.bool("attention_bias", default=True),
        out_bias=c.bool("attention_out_bias"),
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=155136, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=524288),
    )
