"""Phi-3.5-MoE: sixteen experts, norms with biases."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, join


def phimoe(c: Config, head: str | None = None) -> ModelSpec:
    """PhimoeForCausalLM (arXiv:2404.14219; transformers 5.23, models/phimoe)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=6400, kv_heads=8)
    bias = c.bool("attention_bias")
    count = c.int("num_local_experts", default=16, least=1)
    top_k = c.int("num_experts_per_tok", default=2)
    moe = join(
        router("block_sparse_moe.gate", s.hidden, count),
        experts("block_sparse_moe.experts", s.hidden, s.intermediate, count, top_k, names=("w1", "w3", "w2")),
    )
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        llama_layers(s, windows, norm_bias=True, bias=bias, out_bias=bias, feed_forward=moe),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32064, least=1),
        final=norm("norm", s.hidden, bias=True),
        head_bias=c.bool("lm_head_bias"),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=131072),
    )
