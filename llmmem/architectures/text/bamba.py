"""Bamba: Mamba-2 layers with an attention layer now and then, and a gated MLP in each."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mamba import mamba2_mixer
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def mamba2_of(c: Config, hidden: int, inner: int, *, gated_norm: bool = True, out_bias: bool | None = None) -> Part:
    """The Mamba-2 mixer of Bamba and its kin, which share keys and defaults.

    Raises:
        ConfigError: heads that do not make up the ``inner`` width.
    """
    heads = c.int("mamba_n_heads", default=128, least=1)
    head_dim = divide(c, "the Mamba width over mamba_n_heads", inner, heads)
    if c.get("mamba_d_head") not in (None, "auto", head_dim):
        raise ConfigError(
            f"mamba_d_head {str(c.get('mamba_d_head'))[:20]} x mamba_n_heads {heads:,} is not {inner:,}.",
            "Check the config.json.",
        )
    return mamba2_mixer(
        "mamba",
        hidden,
        heads,
        head_dim,
        c.int("mamba_d_state", default=256),
        c.int("mamba_n_groups", default=1, least=1),
        c.int("mamba_d_conv", default=4, least=1),
        bias=c.bool("mamba_proj_bias"),
        conv_bias=c.bool("mamba_conv_bias", default=True, null=False),
        gated_norm=gated_norm,
        out_bias=out_bias,
    )


def bamba(c: Config, head: str | None = None) -> ModelSpec:
    """BambaForCausalLM (transformers 5.23, models/bamba)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    bias = c.bool("attention_bias")
    mixer = mamba2_of(c, hidden, c.int("mamba_expand", default=2) * hidden)
    mlp = gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=14336), bias=c.bool("mlp_bias"))
    attends = attention("self_attn", hidden, heads, kv_heads, head_width(c, hidden, heads), bias=bias, out_bias=bias)

    def layer(full: bool) -> Part:
        return join(norm("input_layernorm", hidden), attends if full else mixer, norm("pre_ff_layernorm", hidden), mlp)

    full = set(c.ints("attn_layer_indices") or ())
    return language_model(
        c,
        head,
        blocks_by_kind(
            "language", "layers.{}.", [i in full for i in range(c.count("num_hidden_layers", default=32))], layer
        ),
        hidden=hidden,
        vocab=c.int("vocab_size", default=128000, least=1),
        final=norm("final_layernorm", hidden),
        heads=(),
        max_context=c.int("max_position_embeddings", default=262144),
    )
