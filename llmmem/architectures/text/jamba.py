"""Jamba: Mamba layers with an attention layer now and then, and experts in every other layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.mamba import time_step_rank
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mamba import mamba_mixer
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def jamba(c: Config, head: str | None = None) -> ModelSpec:
    """JambaForCausalLM (arXiv:2403.19887; transformers 5.23, models/jamba)."""
    hidden = c.int("hidden_size", default=4096)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = c.int("head_dim", default=hidden // heads)
    inner = c.int("mamba_expand", default=2) * hidden
    state = c.int("mamba_d_state", default=16)
    rank = time_step_rank(c, "mamba_dt_rank", hidden)
    kernel = c.int("mamba_d_conv", default=4)
    bias = c.bool("mamba_proj_bias")
    conv_bias = c.bool("mamba_conv_bias", default=True)
    intermediate = c.int("intermediate_size", default=14336)
    count = c.int("num_local_experts", "num_experts", default=16)
    top_k = c.int("num_experts_per_tok", default=2)

    def layer(attends: bool, sparse: bool) -> Part:
        norms = (*norm("dt_layernorm", rank), *norm("b_layernorm", state), *norm("c_layernorm", state))
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim)
            if attends
            else mamba_mixer("mamba", hidden, inner, state, rank, kernel, bias=bias, conv_bias=conv_bias, extra=norms),
            norm("pre_ff_layernorm", hidden),
            router("feed_forward.router", hidden, count) if sparse else (),
            experts("feed_forward.experts", hidden, intermediate, count, top_k)
            if sparse
            else gated_mlp("feed_forward", hidden, intermediate),
        )

    attn_period, attn_offset = c.int("attn_layer_period", default=8, least=1), c.int("attn_layer_offset", default=4)
    moe_period, moe_offset = c.int("expert_layer_period", default=2, least=1), c.int("expert_layer_offset", default=1)
    kinds = [
        (i % attn_period == attn_offset, i % moe_period == moe_offset and count > 1)
        for i in range(c.count("num_hidden_layers", default=32))
    ]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=65536),
        final=norm("final_layernorm", hidden),
        max_context=c.int("max_position_embeddings", default=262144),
    )
