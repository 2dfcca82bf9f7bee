"""Qwen4-Exp: residual streams, delta nets, attention over tokens an indexer picks, tables of n-grams, small experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.delta import split_delta_net
from llmmem.parts.indexer import pooled_indexer
from llmmem.parts.mlp import gated_shared_moe
from llmmem.parts.ngram import ngram_injection, table_sizes
from llmmem.parts.streams import stream_gates, streaming
from llmmem.tensors import ModelSpec, Part, join

#: what published files and older ones call the layers with an indexer
_INDEXED = ("indexed_attention", "full_attention", "qwen_sparse_attention", "deepseek_sparse_attention")


def _indexer(c: Config, hidden: int, *, first: bool) -> Part:
    heads, kv_heads = c.int("indexer_n_heads", least=1), c.int("indexer_kv_heads", least=1)
    width = c.int("indexer_head_dim", least=1)
    return pooled_indexer("self_attn.indexer", hidden, heads, kv_heads, width, positions=first)


def _ngrams(c: Config, hidden: int, streams: int) -> dict[int, Part]:
    """What stands in the layers that read tables of n-grams (listed from one)."""
    layers = sorted(set(c.ints("ple_layer_ids") or ()))
    if not layers:
        return {}
    longest, each = c.count("ngram_size", default=3), c.count("heads_per_ngram", default=8)
    tables = (longest - 1) * each
    width = c.int("ple_embed_dim", default=hidden)
    head_dim = divide(c, "ple_embed_dim over the n-gram heads", width, tables)
    smallest = c.int("ngram_vocab_size_base", default=20_000_000)
    multiple = c.int("make_ngram_vocab_size_divisible_by", default=128, least=1)
    if tables * len(layers) > 10_000:
        raise ConfigError(f"{tables * len(layers):,} n-gram tables: no model has so many.", "Check the config.json.")
    rows = [sum(sizes) for sizes in table_sizes(smallest, tables, len(layers))]
    return {
        i - 1: ngram_injection(
            "ple",
            hidden,
            streams,
            width,
            head_dim,
            -(-total // multiple) * multiple,
            tables,
            longest,
            c.int("ple_conv_kernel_size", default=4, least=1),
            shards=c.count("split_ngram_parts", default=512),
        )
        for i, total in zip(layers, rows, strict=True)
    }


def qwen4_exp_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen4ExpForCausalLM (transformers 5.23, models/qwen4_exp)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    kv_heads = c.int("num_key_value_heads", default=2, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    streams = c.int("hc_count", default=4, least=1)
    rank = c.int("hc_lowrank", default=320)
    delta = split_delta_net(
        "linear_attn",
        hidden,
        key_heads=c.int("linear_num_key_heads", default=16, least=1),
        value_heads=c.int("linear_num_value_heads", default=32, least=1),
        key_dim=c.int("linear_key_head_dim", default=128, least=1),
        value_dim=c.int("linear_value_head_dim", default=128, least=1),
        kernel=c.int("linear_conv_kernel_dim", default=4, least=1),
    )
    bias, norms = c.bool("attention_bias"), qk_norm(head_dim)
    attends = attention(
        "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, extra=norms, gated=True
    )
    moe = gated_shared_moe(
        "mlp",
        hidden,
        c.int("moe_intermediate_size", default=512),
        c.int("num_experts", default=512, least=1),
        c.int("num_experts_per_tok", default=10),
        c.int("shared_expert_intermediate_size", default=512),
    )
    ngrams = _ngrams(c, hidden, streams)

    def layer(kind: str, first: bool, looks_up: int | None) -> Part:
        return join(
            delta if kind == "linear_attention" else join(attends, _indexer(c, hidden, first=first)),
            moe,
            ngrams[looks_up] if looks_up is not None else (),
            stream_gates("attn_hyper_connection", hidden, streams, rank),
            stream_gates("mlp_hyper_connection", hidden, streams, rank),
            streaming(hidden, streams),
        )

    n = c.count("num_hidden_layers", default=40)
    every = c.int("full_attention_interval", default=4, least=1)
    kinds = layer_kinds(
        c,
        "layer_types",
        known=("linear_attention", *_INDEXED),
        default=["linear_attention" if (i + 1) % every else "indexed_attention" for i in range(n)],
        layers=n,
    )
    first = next((i for i, kind in enumerate(kinds) if kind != "linear_attention"), None)
    places = [(kind, i == first, i if i in ngrams else None) for i, kind in enumerate(kinds)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", places, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=248320, least=1),
        final=stream_gates("hyper_connection_mixer", hidden, streams, rank, injects=False),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
    )
