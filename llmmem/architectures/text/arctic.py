"""Snowflake Arctic: a dense MLP and 128 experts side by side in every layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join

#: gate, up and down
_W = ("w1", "w3", "w2")


def arctic(c: Config, head: str | None = None) -> ModelSpec:
    """ArcticForCausalLM (code that comes with Snowflake/snowflake-arctic-instruct; vLLM, models/arctic).

    Reproduces 478,584,608,768 parameters, published as 479 B.
    """
    s = sizes(c, hidden=4096, heads=32, intermediate=14336)
    s = s._replace(head_dim=divide(c, "hidden_size over num_attention_heads", s.hidden, s.heads))
    count = c.int("num_local_experts", default=8, least=1)
    top_k = c.int("num_experts_per_tok", default=1)
    parallel = c.bool("parallel_attn_mlp_res", "use_residual")

    def layer(sparse: bool) -> Part:
        # The residual MLP is as wide as the model.
        residual = join(norm("residual_layernorm", s.hidden), gated_mlp("residual_mlp", s.hidden, s.hidden, names=_W))
        return join(
            norm("input_layernorm", s.hidden),
            attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim),
            norm("post_attention_layernorm", s.hidden),
            residual if sparse and parallel else (),
            router("block_sparse_moe.gate", s.hidden, count) if sparse else (),
            experts("block_sparse_moe.experts", s.hidden, s.intermediate, count, top_k, names=_W)
            if sparse
            else gated_mlp("block_sparse_moe.mlp", s.hidden, s.intermediate, names=_W),
        )

    every = c.int("moe_layer_frequency", default=2, least=1)
    kinds = [(i + 1) % every == 0 for i in range(c.count("num_hidden_layers", default=32))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=4096),
    )
