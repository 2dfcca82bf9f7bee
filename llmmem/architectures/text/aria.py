"""Aria's language model: experts stored as stacks in every layer, and a few that every token visits."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, join


def aria_text(c: Config, head: str | None = None) -> ModelSpec:
    """AriaTextForCausalLM (arXiv:2410.05993; transformers 5.23, models/aria)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=4096)
    bias = c.bool("attention_bias")
    count, top_k = c.int("moe_num_experts", default=8, least=1), c.int("moe_topk", default=2)
    shared = s.intermediate * c.int("moe_num_shared_experts", default=2)
    moe = join(
        router("mlp.router", s.hidden, count),
        stacked_experts("mlp.experts", s.hidden, s.intermediate, count, top_k, names=("fc1.weight", "fc2.weight")),
        gated_mlp("mlp.shared_experts", s.hidden, shared, bias=c.bool("mlp_bias")),
    )
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=bias, out_bias=bias, feed_forward=moe),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
