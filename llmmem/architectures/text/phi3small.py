"""Phi-3-small: every second layer attends to blocks only; gated GELU of two interleaved halves, biases everywhere."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, join


def _intermediate(c: Config, hidden: int) -> int:
    """Stated, or a multiple of two thirds of the width, filled up to 256."""
    multiple = c.get("ff_dim_multiplier")
    if multiple is None:
        return c.int("ff_intermediate_size", default=14336)
    size = c.int("ff_dim_multiplier") * (hidden // 3) * 2
    return -(-size // 256) * 256 if c.bool("gegelu_pad_to_256", default=True) else size


def phi3small(c: Config, head: str | None = None) -> ModelSpec:
    """Phi3SmallForCausalLM (arXiv:2404.14219; code that comes with microsoft/Phi-3-small-8k-instruct).

    Reproduces the 7,392,272,384 parameters of the published model.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        fused_attention(("self_attn.query_key_value", "self_attn.dense"), hidden, heads, kv_heads, head_dim, bias=True),
        norm("post_attention_layernorm", hidden, bias=True),
        fused_gated_mlp("mlp", hidden, _intermediate(c, hidden), names=("up_proj", "down_proj"), bias=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=100352, least=1),
        final=norm("final_layernorm", hidden, bias=True),
        tied=True,
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=8192),
        notes=("block-sparse layers read chosen blocks, but the cache of every layer keeps all tokens",),
    )
