"""Falcon-H1: attention and Mamba-2 side by side in every layer."""

from __future__ import annotations

from llmmem.architectures.base import head_width, language_model, uniform
from llmmem.architectures.text.bamba import mamba2_of
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join


def falcon_h1(c: Config, head: str | None = None) -> ModelSpec:
    """FalconH1ForCausalLM (arXiv:2507.22448; transformers 5.23, models/falcon_h1)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    bias = c.bool("attention_bias")
    inner = c.optional("mamba_d_ssm", default=1024)
    layer = join(
        mamba2_of(
            c,
            hidden,
            c.int("mamba_expand", default=2) * hidden if inner is None else inner,
            gated_norm=c.bool("mamba_rms_norm"),
            out_bias=c.bool("projectors_bias"),
        ),
        attention("self_attn", hidden, heads, kv_heads, head_width(c, hidden, heads), bias=bias, out_bias=bias),
        gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=14336), bias=c.bool("mlp_bias")),
        norm("input_layernorm", hidden),
        norm("pre_ff_layernorm", hidden),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=128000, least=1),
        final=norm("final_layernorm", hidden),
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
