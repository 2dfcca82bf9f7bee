"""MiniMax-Text-01 and MiniMax-M1 as published: seven layers of lightning attention, then one of softmax attention."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.lightning import lightning_attention
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, Part, join


def minimax_m1(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxM1ForCausalLM (arXiv:2506.13585; code that comes with MiniMaxAI/MiniMax-M1-80k).

    Its files hold no tables of the decay, unlike transformers' "minimax"; it keeps the linear state in fp32.

    Raises:
        UnsupportedArchitectureError: an expert that every token visits, which no published file has.
    """
    if c.int("shared_intermediate_size", default=0):
        raise UnsupportedArchitectureError(
            "llmmem does not know MiniMax models with a shared expert (shared_intermediate_size).",
            "Published ones state 0.",
        )
    s = sizes(c, hidden=4096, heads=32, intermediate=14336, kv_heads=8)
    count = c.int("num_local_experts", default=8, least=1)
    lightning = lightning_attention("self_attn", s.hidden, s.heads, s.head_dim, block=256)
    mixers = {
        0: Part(
            tuple(t for t in lightning.tensors if t.role != "buffer"),
            tuple(cache._replace(dtype="fp32") for cache in lightning.caches),
            lightning.work,
        ),
        1: attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim),
    }
    moe = join(
        router("block_sparse_moe.gate", s.hidden, count),
        experts(
            "block_sparse_moe.experts",
            s.hidden,
            s.intermediate,
            count,
            c.int("num_experts_per_tok", default=2),
            names=("w1", "w3", "w2"),
        ),
    )

    def layer(full: bool) -> Part:
        return join(norm("input_layernorm", s.hidden), mixers[full], norm("post_attention_layernorm", s.hidden), moe)

    n = c.count("num_hidden_layers", default=32)
    kinds = c.each_layer("attn_type_list", layers=n)
    if kinds is None:
        raise c.missing("attn_type_list")
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [kind == 1 for kind in kinds], layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
