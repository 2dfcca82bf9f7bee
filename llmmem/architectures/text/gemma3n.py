"""Gemma 3n's language model: parallel residual streams, embeddings per layer, layers that read another's cache."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.altup import altup, laurel, per_layer_input, per_layer_tables
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def readers(c: Config, kinds: list[str], default: int) -> list[bool]:
    """Which layers read the keys and values of the last layer of their kind before them: the last ones.

    Raises:
        ConfigError: there is no such layer for some of them.
    """
    count = c.int("num_kv_shared_layers", default=default)
    first = len(kinds) - count
    if first < 0 or (count and set(kinds[:first]) != set(kinds)):
        raise ConfigError(
            f"num_kv_shared_layers {count:,} leaves no layer of some kind to read from.", "Check the config.json."
        )
    return [i >= first for i in range(len(kinds))]


def gemma3n_text(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma3nForCausalLM (transformers 5.23, models/gemma3n)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    kv_heads = c.int("num_key_value_heads", default=2, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    size = c.int("hidden_size_per_layer_input", default=256)
    streams = c.int("altup_num_inputs", default=4, least=1)
    rank = c.int("laurel_rank", default=64)
    vocab = c.int("vocab_size", default=262400, least=1)
    n = c.count("num_hidden_layers", default=35)

    def layer(cache: str, window: int | None, reads: bool, intermediate: int) -> Part:
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
                cache=None if reads else cache,
                window=window,
                keys=not reads,
                values=not reads,
            ),
            gated_mlp("mlp", hidden, intermediate),
            norm("input_layernorm", hidden),
            norm("post_attention_layernorm", hidden),
            norm("pre_feedforward_layernorm", hidden),
            norm("post_feedforward_layernorm", hidden),
            altup("altup", hidden, streams),
            laurel("laurel", hidden, rank),
            per_layer_input(hidden, size),
        )

    window = c.optional("sliding_window", default=512)
    pattern = ["sliding_attention" if (i + 1) % 5 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, window, pattern=pattern)
    reads = readers(c, c.each_layer("layer_types", layers=n) or pattern, 15)
    widths = c.get("intermediate_size")
    if isinstance(widths, list):
        widths = c.ints("intermediate_size")
        if len(widths or ()) != n:
            raise ConfigError(
                f"intermediate_size has not one entry for each of {n:,} layers.", "Check the config.json."
            )
    else:
        widths = [c.int("intermediate_size", default=16384)] * n
    more = tuple(
        t._replace(name=f"{name}.{{}}.weight", copies=streams - 1)
        for name in ("altup_projections", "altup_unembed_projections")
        for t in linear(name, hidden, hidden)
    )
    return language_model(
        c,
        head,
        blocks_by_kind(
            "language", "layers.{}.", [(*w, r, i) for w, r, i in zip(windows, reads, widths, strict=True)], layer
        ),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab, hidden),
        final=(
            *norm("norm", hidden),
            *per_layer_tables(hidden, n, c.int("vocab_size_per_layer_input", default=262144), size),
            *more,
        ),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
    )
