"""Decoders whose layers are Llama's with other norms, biases or feed-forwards: the usual keys, and the layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from llmmem.architectures.base import blocks_by_kind, head_width
from llmmem.config import Config
from llmmem.parts.attention import QKVO, attention
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, Part, join, runs


class Sizes(NamedTuple):
    """What a layer is cut from."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int


def sizes(
    c: Config, *, hidden: int, heads: int, intermediate: int, kv_heads: int | None = None, head_dim: int | None = None
) -> Sizes:
    """The sizes of a layer under their usual keys; the numbers are the defaults of the model's configuration class.

    Args:
        kv_heads: None: as many as heads, which is also what null means.
        head_dim: None: hidden_size over heads, which is also what null means.
    """
    hidden = c.int("hidden_size", default=hidden, least=1)
    heads = c.int("num_attention_heads", default=heads, least=1)
    return Sizes(
        hidden,
        heads,
        c.int("num_key_value_heads", default=heads if kv_heads is None else kv_heads, null=heads, least=1),
        head_width(c, hidden, heads, head_dim),
        c.int("intermediate_size", default=intermediate),
    )


def llama_layers(
    s: Sizes,
    windows: list[tuple[str, int | None]],
    *,
    norms: tuple[str, ...] = ("input_layernorm", "post_attention_layernorm"),
    norm_bias: bool = False,
    names: tuple[str, str, str, str] = QKVO,
    bias: bool | tuple[bool, bool, bool] = False,
    out_bias: bool = False,
    extra: Tensors = (),
    feed_forward: Part | None = None,
    run: Mapping[str, Any] | None = None,
) -> tuple[Block, ...]:
    """Attention, a feed-forward and the norms around them, once per layer.

    Args:
        windows: kind and window of every layer's cache (``layer_windows``).
        norms: as wide as the residual stream; where they act does not change what they are.
        names, bias, out_bias, extra: of the attention (``parts.attention``).
        feed_forward: relative to the layer; None: a gated MLP without biases.
        run: how the attention is run (``tensors.Run``).
    """

    def layer(cache: str, window: int | None) -> Part:
        return join(
            *(norm(name, s.hidden, bias=norm_bias) for name in norms),
            runs(
                attention(
                    "self_attn",
                    s.hidden,
                    s.heads,
                    s.kv_heads,
                    s.head_dim,
                    names=names,
                    bias=bias,
                    out_bias=out_bias,
                    extra=extra,
                    cache=cache,
                    window=window,
                ),
                **(run or {}),
            ),
            gated_mlp("mlp", s.hidden, s.intermediate) if feed_forward is None else feed_forward,
        )

    return blocks_by_kind("language", "layers.{}.", windows, layer)
