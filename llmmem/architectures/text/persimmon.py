"""Persimmon: q, k and v in one matrix, norms over each head of q and k, biases everywhere."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join


def persimmon(c: Config, head: str | None = None) -> ModelSpec:
    """PersimmonForCausalLM (transformers 5.23, models/persimmon)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=16384)
    qk_norms: Tensors = ()
    if c.bool("qk_layernorm", default=True):
        qk_norms = (
            *norm("self_attn.q_layernorm", head_dim, bias=True),
            *norm("self_attn.k_layernorm", head_dim, bias=True),
        )
    names = ("self_attn.query_key_value", "self_attn.dense")

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden, bias=True),
            fused_attention(names, hidden, heads, heads, head_dim, bias=True, cache=cache, window=window),
            qk_norms,
            norm("post_attention_layernorm", hidden, bias=True),
            mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, intermediate),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=36), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=262144, least=1),
        final=norm("final_layernorm", hidden, bias=True),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=16384),
    )
