"""The language models of GLM-4.1V and GLM-4.5V."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, uniform
from llmmem.architectures.text.deepseek import routed
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp, gated_mlp, stacked_experts
from llmmem.tensors import ModelSpec, Part, join

#: how many experts there are; the general name is an alias that wins (attribute_map)
COUNT = ("num_local_experts", "n_routed_experts")


def glm4v_text(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4vTextModel: GLM-4 with a bias on q, k and v, without a head (transformers 5.23, models/glm4v)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=2, null=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=13696)
    layer = join(
        norm("input_layernorm", hidden),
        attention("self_attn", hidden, heads, kv_heads, head_dim, bias=True),
        norm("post_self_attn_layernorm", hidden),
        norm("post_attention_layernorm", hidden),
        fused_gated_mlp("mlp", hidden, intermediate, names=("gate_up_proj", "down_proj")),
        norm("post_mlp_layernorm", hidden),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=40), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151552, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
        default_head="base",
    )


def glm4v_moe_text(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4vMoeTextModel: GLM-4.5 without norms on q and k, and no head (transformers 5.23, models/glm4v_moe).

    On its own it is stored with its experts in stacks, inside GLM-4.5V one by one.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=96, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    bias = c.bool("attention_bias", default=True)
    attends = attention("self_attn", hidden, heads, kv_heads, head_width(c, hidden, heads), bias=bias)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=10944))
    moe = routed(c, hidden, inner=1408, count=128, top_k=8)
    if head is None:
        inner, count = c.int("moe_intermediate_size", default=1408), c.int(*COUNT, default=128, least=1)
        top_k = c.int("num_experts_per_tok", default=8)
        stacks = stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi").tensors
        moe = moe._replace(tensors=(*(t for t in moe.tensors if ".experts." not in t.name), *stacks))

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    first = c.int("first_k_dense_replace", default=1)
    kinds = [i >= first for i in range(c.count("num_hidden_layers", default=46))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151424, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=65536),
        default_head="base",
    )
