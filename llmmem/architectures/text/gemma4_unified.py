"""Gemma 4's language model: wider heads where attention has no window, values that may be the keys again."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.gemma3n import readers
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, buffer, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join

_KINDS = ("sliding_attention", "full_attention")
#: what the class can override in single layers
_OVERRIDES = {"head_dim", "num_key_value_heads"}


def _heads(c: Config, kinds: list[str]) -> list[tuple[int, int]]:
    """Key/value heads and width of a head in every layer.

    Raises:
        ConfigError: layers the model does not have.
        UnsupportedArchitectureError: an override of something else.
    """
    own = (c.int("num_key_value_heads", default=4, least=1), c.int("head_dim", default=256, least=1))
    if c.get("per_layer_config") is None:
        heads = c.int("num_global_key_value_heads", default=own[0], least=1)
        full = (heads if c.bool("attention_k_eq_v") else own[0], c.int("global_head_dim", default=512, least=1))
        return [full if kind == "full_attention" else own for kind in kinds]
    out = [own] * len(kinds)
    layers = c.sub("per_layer_config")
    for index in layers.raw:
        if not index.isdecimal() or int(index) >= len(kinds):
            raise ConfigError(f"per_layer_config names layer {index[:20]!r}: there is none.", "Check the config.json.")
        one = layers.sub(index)
        other = sorted(set(one.raw) - _OVERRIDES)
        if other:
            raise UnsupportedArchitectureError(
                f"per_layer_config overrides {', '.join(other)[:60]}.", f"Known: {', '.join(sorted(_OVERRIDES))}."
            )
        kv_heads = one.int("num_key_value_heads", default=own[0], least=1)
        out[int(index)] = (kv_heads, one.int("head_dim", default=own[1], least=1))
    return out


def gemma4_model(
    c: Config,
    head: str | None,
    *,
    window: int,
    context: int,
    beside: Callable[[int], Part] = lambda hidden: join(),
    tables: Callable[[int, int], Tensors] = lambda hidden, layers: (),
) -> ModelSpec:
    """Attention with and without a window, a gated MLP, four norms, and what ``beside`` adds to a layer."""
    hidden = c.int("hidden_size", default=2304, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    bias = c.bool("attention_bias")
    same = c.bool("attention_k_eq_v")
    wide = c.bool("use_double_wide_mlp")
    intermediate = c.int("intermediate_size", default=9216)
    window = c.int("sliding_window", default=window)
    if c.get("use_bidirectional_attention") == "all":
        window = window // 2 + 1  # half of it on either side
    n = c.count("num_hidden_layers", default=30)
    kinds = layer_kinds(c, "layer_types", known=_KINDS, default=[_KINDS[(i + 1) % 6 == 0] for i in range(n)], layers=n)
    kinds[-1:] = ["full_attention"] * min(n, 1)  # the last layer has no window, whatever the config says

    def layer(kind: str, reads: bool, kv_heads: int, head_dim: int) -> Part:
        full = kind == "full_attention"
        return join(
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=(*norm("q_norm", head_dim), *(() if reads else norm("k_norm", head_dim))),
                cache=None if reads else "full" if full else "sliding",
                window=None if full else window,
                keys=not reads,
                values=not (reads or (same and full)),
            ),
            gated_mlp("mlp", hidden, intermediate * (2 if wide and reads else 1)),
            norm("input_layernorm", hidden),
            norm("post_attention_layernorm", hidden),
            norm("pre_feedforward_layernorm", hidden),
            norm("post_feedforward_layernorm", hidden),
            buffer("layer_scalar", 1),
            beside(hidden),
        )

    keys = [(kind, r, *h) for kind, r, h in zip(kinds, readers(c, kinds, 0), _heads(c, kinds), strict=True)]
    return language_model(
        # read above
        Config({k: v for k, v in c.raw.items() if k != "per_layer_config"}, c.path, c.reads),
        head,
        blocks_by_kind("language", "layers.{}.", keys, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=262144, least=1),
        final=(*norm("norm", hidden), *tables(hidden, n)),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=context),
    )


def gemma4_unified_text(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma4UnifiedForCausalLM: no experts, no embeddings per layer (transformers 5.23, models/gemma4_unified)."""
    return gemma4_model(c, head, window=1024, context=262144)
