"""MiniMax-M3's language model: attention over the blocks of keys an indexer picks, shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import buffer, norm
from llmmem.parts.indexer import block_indexer
from llmmem.parts.mlp import fused_gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join

_NAMES = ("gate_up_proj", "down_proj")


def _flags(c: Config, name: str, layers: int, yes: str, no: str) -> list[str] | None:
    """Kinds of layers out of the older list of zeros and ones."""
    flags = c.each_layer(name, layers=layers)
    return None if flags is None else [yes if flag else no for flag in flags]


def minimax_m3_vl_text(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxM3VLForCausalLM (transformers 5.23, models/minimax_m3_vl)."""
    s = sizes(c, hidden=6144, heads=64, intermediate=3072, kv_heads=4, head_dim=128)
    count = c.int("num_experts", "num_local_experts", default=128, least=1)
    top_k = c.int("num_experts_per_tok", default=4)
    old = c.sub("sparse_attention_config")
    # What the older object states wins.
    heads = c.int("index_n_heads", default=4, least=1)
    heads = old.int("sparse_num_index_heads", default=heads, least=1)
    width = c.int("index_head_dim", default=128, least=1)
    width = old.int("sparse_index_dim", default=width, least=1)
    picks = block_indexer("self_attn.indexer", s.hidden, heads, width)
    attends = attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, extra=qk_norm(s.head_dim))
    moe = join(
        router("mlp.gate", s.hidden, count),
        buffer("mlp.gate.e_score_correction_bias", count),
        stacked_experts("mlp.experts", s.hidden, s.intermediate, count, top_k, layout="oi"),
        fused_gated_mlp("mlp.shared_experts", s.hidden, c.int("shared_intermediate_size", default=3072), names=_NAMES),
    )
    dense = fused_gated_mlp("mlp", s.hidden, c.int("dense_intermediate_size", default=12288), names=_NAMES)

    def layer(kind: str, feed_forward: str) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            attends,
            picks if kind == "minimax_m3_sparse" else (),
            norm("post_attention_layernorm", s.hidden),
            moe if feed_forward == "sparse" else dense,
        )

    n = c.count("num_hidden_layers", default=60)
    kinds = layer_kinds(
        c,
        "layer_types",
        known=("full_attention", "minimax_m3_sparse"),
        default=_flags(old, "sparse_attention_freq", n, "minimax_m3_sparse", "full_attention")
        or ["full_attention"] * n,
        layers=n,
    )
    feeds = layer_kinds(
        c,
        "mlp_layer_types",
        known=("dense", "sparse"),
        default=_flags(c, "moe_layer_freq", n, "sparse", "dense") or ["sparse"] * n,
        layers=n,
    )
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(kinds, feeds, strict=True)), layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=200064, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=524288),
    )
