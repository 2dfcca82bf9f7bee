"""Step 3.7's language model: gated attention with more heads where it slides, routed experts and a shared one."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows, no_head
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, buffer, linear, norm
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, Tensor, join


def step3p5(c: Config, head: str | None = None) -> ModelSpec:
    """Step3p7TextModel, as its own class stores it (transformers 5.23, models/step3p7)."""
    no_head(c, head)
    return step_text(c, published=False)


def step_text(c: Config, *, published: bool) -> ModelSpec:
    """The language model without its head.

    Args:
        published: under the names of the whole model's checkpoint, with gate and up apart.
    """
    # Older spellings are aliases that win over the class's own (attribute_map).
    hidden = c.int("hidden_size", default=4096, least=1)
    kv_heads = c.int("num_attention_groups", "num_key_value_heads", default=8, least=1)
    head_dim = c.int("head_dim", default=128, least=1)
    inner = c.int("moe_intermediate_size", default=1280)
    count = c.int("moe_num_experts", "n_routed_experts", default=288)
    top_k = c.int("moe_top_k", "num_experts_per_tok", default=8)
    shared = c.int("share_expert_dims", "share_expert_dim", default=1280)
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")
    # A gate for each head, or for each of its channels.
    gate = 1 if not c.has("gating") or c.get("gating") in (True, "per-head") else head_dim
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11264), bias=mlp_bias)
    routed = stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi")
    if published:
        one = Tensor("moe.gate_proj.weight", (inner, hidden), shard=0, copies=count, active=top_k)
        down = one._replace(name="moe.down_proj.weight", shape=(hidden, inner), shard=1)
        routed = routed._replace(tensors=(one, one._replace(name="moe.up_proj.weight"), down))
    moe = join(
        router("moe.gate" if published else "mlp.gate", hidden, count),
        buffer("moe.router_bias" if published else "mlp.gate.e_score_correction_bias", count),
        routed,
        gated_mlp("share_expert" if published else "mlp.shared_experts", hidden, shared, bias=mlp_bias),
    )

    def layer(heads: int, feed_forward: str, cache: str, window: int | None) -> Part:
        extra = (*qk_norm(head_dim), *linear("g_proj", hidden, heads * gate, cut=COLUMN, unit=gate))
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=extra,
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            moe if feed_forward == "sparse" else dense,
        )

    n = c.count("num_hidden_layers", default=45)
    windows = layer_windows(c, n, c.optional("sliding_window"), pattern=["full_attention"] * n)
    feeds = layer_kinds(c, "mlp_layer_types", known=("dense", "sparse"), default=_sparse(c, n), layers=n)
    kinds = [(h, f, *w) for h, f, w in zip(_heads(c, n), feeds, windows, strict=True)]
    return language_model(
        Config({k: v for k, v in c.raw.items() if k != "per_layer_config"}, c.path, c.reads),
        "base",
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=128815, least=1),
        max_context=c.int("max_position_embeddings", default=128000),
    )


def _sparse(c: Config, layers: int) -> list[str]:
    """Layers with experts: those moe_layers_enum names ("3,4,5"), else all but the first three."""
    named: Any = c.get("moe_layers_enum")
    if named is None:
        return ["sparse" if i >= 3 else "dense" for i in range(layers)]
    items = named.split(",") if isinstance(named, str) else named
    try:
        chosen = {int(i) for i in items if str(i).strip()}
    except (TypeError, ValueError):
        raise ConfigError("moe_layers_enum should list numbers of layers.", "Check the config.json.") from None
    return ["sparse" if i in chosen else "dense" for i in range(layers)]


def _heads(c: Config, layers: int) -> list[int]:
    """Heads of every layer, out of per_layer_config; without it layers that slide have a number of their own."""
    heads = c.int("num_attention_heads", default=64, least=1)
    own = c.get("per_layer_config")
    if own is None:
        other = c.sub("attention_other_setting").int("num_attention_heads", default=heads, least=1)
        sliding = c.int("num_sliding_attention_heads", default=other, least=1)
        types = c.each_layer("layer_types", layers=layers) or [""] * layers
        return [sliding if t == "sliding_attention" else heads for t in types]
    each = c.sub("per_layer_config")
    overrides = [each.sub(str(i)) for i in range(layers)]
    if any(set(o.raw) - {"num_attention_heads"} for o in overrides):
        raise UnsupportedArchitectureError(
            "per_layer_config overrides more than num_attention_heads, which llmmem does not follow.",
            "Take the other keys out of per_layer_config.",
        )
    return [o.int("num_attention_heads", default=heads, least=1) for o in overrides]
