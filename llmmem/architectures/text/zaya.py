"""ZAYA: attention behind convolutions, a router that is a small network of its own, one expert per token or none."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, embedding, linear, norm, scalars
from llmmem.parts.cca import convolutional_attention
from llmmem.parts.mlp import stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def _router(name: str, hidden: int, width: int, choices: int, *, chained: bool) -> Tensors:
    """Scores the experts; ``chained``: it also reads what the router of the layer before it saw."""
    return (
        *buffer(f"{name}.balancing_biases", choices),
        *linear(f"{name}.down_proj", hidden, width, bias=True, role="router"),
        *(scalars(f"{name}.router_states_scale", width) if chained else ()),
        *norm(f"{name}.router_mlp.norm", width),
        *linear(f"{name}.router_mlp.fc1", width, width, bias=True, role="router"),
        *linear(f"{name}.router_mlp.fc2", width, width, bias=True, role="router"),
        *linear(f"{name}.router_mlp.out_proj", width, choices, role="router"),
    )


def _residual(name: str, hidden: int) -> Tensors:
    """Scales and shifts both sides of a residual sum."""
    sides = ("hidden_states_scale", "hidden_states_bias", "residual_scale", "residual_bias")
    return tuple(t for side in sides for t in scalars(f"{name}.{side}", hidden))


def zaya(c: Config, head: str | None = None) -> ModelSpec:
    """ZayaForCausalLM (transformers 5.23, models/zaya)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    kv_heads = c.int("num_key_value_heads", default=2, least=1)
    head_dim = c.int("head_dim", default=128, least=1)
    kernels = c.int("cca_time0", default=2, least=1), c.int("cca_time1", default=2, least=1)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=2048)
    count = c.int("num_experts", default=16, least=1)
    width = c.int("router_hidden_size", default=256)
    window = c.optional("sliding_window")

    def layer(chained: bool, kind: str) -> Part:
        slides = kind == "hybrid_sliding"
        return join(
            norm("input_layernorm", hidden),
            convolutional_attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                kernels=kernels,
                bias=bias,
                cache="sliding" if slides else "full",
                window=window if slides else None,
            ),
            _residual("post_attention_residual_scale", hidden),
            norm("post_attention_layernorm", hidden),
            # One choice more than there are experts: to skip them.
            _router("mlp.gate", hidden, width, count + 1, chained=chained),
            stacked_experts("mlp.experts", hidden, inner, count, 1, layout="oi"),
            _residual("post_mlp_residual_scale", hidden),
        )

    n = c.count("num_hidden_layers", default=40)
    kinds = layer_kinds(c, "layer_types", known=("hybrid", "hybrid_sliding"), default=["hybrid"] * n, layers=n)
    if "hybrid_sliding" in kinds and window is None:
        raise ConfigError("layer_types slides, but there is no sliding_window.", "Check the config.json.")
    vocab = c.int("vocab_size", default=262272, least=1)
    scales = (*scalars("input_hidden_states_scale", hidden), *scalars("input_hidden_states_bias", hidden))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(i > 0, kind) for i, kind in enumerate(kinds)], layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed_tokens", vocab, hidden), *scales),
        tied=True,
        head_bias=c.bool("lm_head_bias"),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
