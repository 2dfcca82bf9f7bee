"""Mistral Small 4: latent attention, then shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek import latent
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join


def mistral4(c: Config, head: str | None = None) -> ModelSpec:
    """Mistral4ForCausalLM (transformers 5.23, models/mistral4)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    attends = latent(c, hidden, heads, q_rank=1024, kv_rank=256, nope=64)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=12288))
    inner = c.int("moe_intermediate_size", default=2048)
    count = c.int("num_local_experts", "n_routed_experts", default=128, least=1)
    top_k = c.int("num_experts_per_tok", default=4, null=count)
    moe = join(
        router("mlp.gate", hidden, count),
        stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi"),
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=1)),
    )

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    first = c.int("first_k_dense_replace", default=0)
    kinds = [i >= first for i in range(c.count("num_hidden_layers", default=36))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=131072, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=1048576),
    )
