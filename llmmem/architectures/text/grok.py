"""Grok-1 in the form it was converted to: eight experts, and norms before and after both halves of a layer."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, Tensor, join


def _norm(name: str, size: int) -> Tensors:
    return (Tensor(f"{name}.scale", (size,), "norm"),)


def grok_1(c: Config, head: str | None = None) -> ModelSpec:
    """Grok1ModelForCausalLM (xai-org/grok-1, model.py; names as hpcai-tech/grok-1, read by vLLM, models/grok1).

    Reproduces the 315,684,820,992 parameters of xai-org/grok-1, whose head is its table of embeddings.
    """
    hidden = c.int("hidden_size", default=6144, least=1)
    heads = c.int("num_attention_heads", default=48, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    inner = c.int("intermediate_size", default=32768)
    count = c.int("num_experts", "num_local_experts", default=8, least=1)
    layer = join(
        _norm("pre_attn_norm", hidden),
        attention("attn", hidden, heads, kv_heads, head_dim),
        _norm("post_attn_norm", hidden),
        _norm("pre_moe_norm", hidden),
        router("moe_block.gate", hidden, count),
        experts(
            "moe_block.experts",
            hidden,
            inner,
            count,
            c.int("num_experts_per_tok", default=2),
            names=("linear", "linear_v", "linear_1"),
        ),
        _norm("post_moe_norm", hidden),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=64), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        final=_norm("norm", hidden),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
