"""MiniMax: lightning attention in every other layer; M2 attends everywhere, with norms over all heads of q and k."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import buffer, norm
from llmmem.parts.lightning import lightning_attention
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, Part, Tensor, join


def _experts(c: Config, hidden: int, inner: int, *, count: int, top_k: int) -> Part:
    """Experts under Mixtral's names; the numbers are the defaults of the configuration class."""
    count = c.int("num_experts", "num_local_experts", default=count, least=1)
    top_k = c.int("num_experts_per_tok", default=top_k)
    return join(
        router("block_sparse_moe.gate", hidden, count),
        experts("block_sparse_moe.experts", hidden, inner, count, top_k, names=("w1", "w3", "w2"), wide=True),
    )


def minimax(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxForCausalLM (arXiv:2501.08313; transformers 5.23, models/minimax)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=14336, kv_heads=8)
    block = c.int("block_size", default=256, least=1)
    moe = _experts(c, s.hidden, s.intermediate, count=8, top_k=2)

    def layer(kind: str, _: None) -> Part:
        return join(
            norm("input_layernorm", s.hidden),
            lightning_attention("self_attn", s.hidden, s.heads, s.head_dim, block)
            if kind == "linear"
            else attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim),
            norm("post_attention_layernorm", s.hidden),
            moe,
        )

    n = c.count("num_hidden_layers", default=32)
    pattern = ["linear_attention" if i % 2 else "full_attention" for i in range(n)]
    # Its own cache class keeps all tokens whatever sliding_window says.
    kinds = layer_windows(c, n, None, pattern=pattern, linear_layers=True)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        max_context=c.int("max_position_embeddings", default=131072),
    )


def minimax_m2(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxM2ForCausalLM (transformers 5.23, models/minimax_m2)."""
    s = sizes(c, hidden=3072, heads=48, intermediate=1536, kv_heads=8, head_dim=128)
    count = c.int("num_experts", "num_local_experts", default=256, least=1)
    moe = join(
        _experts(c, s.hidden, s.intermediate, count=256, top_k=8),
        buffer("block_sparse_moe.e_score_correction_bias", count),
    )
    norms = (
        Tensor("q_norm.weight", (s.heads * s.head_dim,), "norm", 0, s.head_dim),
        Tensor("k_norm.weight", (s.kv_heads * s.head_dim,), "norm", 0, s.head_dim),
    )
    windows = layer_windows(c, c.count("num_hidden_layers", default=62), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        llama_layers(s, windows, extra=norms, feed_forward=moe),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=200064, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=196608),
    )
