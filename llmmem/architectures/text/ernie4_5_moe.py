"""ERNIE 4.5 with experts between two layers, each router beside a learned correction."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join, runs


def ernie4_5_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Ernie4_5_MoeForCausalLM (transformers 5.23, models/ernie4_5_moe)."""
    s = sizes(c, hidden=2560, heads=20, intermediate=12288, kv_heads=4)
    bias = c.bool("use_bias")
    inner = c.int("moe_intermediate_size", default=1536)
    count = c.int("num_experts", "moe_num_experts", default=64, least=1)
    top_k = c.int("num_experts_per_tok", "moe_k", default=6)
    shared = inner * c.int("moe_num_shared_experts", default=2)
    moe = join(
        # The router and its correction stay fp32.
        tuple(t._replace(dtype="fp32") for t in router("mlp.gate", s.hidden, count)),
        (Tensor("mlp.moe_statics.e_score_correction_bias", (1, count), "bias", dtype="fp32"),),
        # The shared experts' output waits for theirs.
        runs(experts("mlp.experts", s.hidden, inner, count, top_k), held=5 if shared else 4),
        gated_mlp("mlp.shared_experts", s.hidden, shared, bias=bias) if shared else (),
    )
    dense = gated_mlp("mlp", s.hidden, s.intermediate, bias=bias)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn",
            s.hidden,
            s.heads,
            s.kv_heads,
            s.head_dim,
            bias=bias,
            out_bias=bias,
            cache=cache,
            window=window,
        )
        return layer_of(s.hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=28)
    step = c.int("moe_layer_interval", default=1, least=1)
    first = c.int("moe_layer_start_index", default=1)
    last = c.int("moe_layer_end_index", default=-1, least=-1)
    last = n - 1 if last == -1 else last
    sparse = [(i + 1) % step == 0 and first <= i <= last for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window"))
    deep = range(c.count("num_nextn_predict_layers", default=0))
    mtp = [
        Block("mtp", "mtp_block.{}.", layer(False, "full", None).tensors, deep, loaded=False),
        Block("mtp", "mtp_emb_norm.{}", norm("", s.hidden), deep, loaded=False),
        Block("mtp", "mtp_hidden_norm.{}", norm("", s.hidden), deep, loaded=False),
        Block(
            "mtp",
            "mtp_linear_proj.{}",
            linear("", 2 * s.hidden, s.hidden, bias=bias, role="router"),
            deep,
            loaded=False,
        ),
    ]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(a, *kind) for a, kind in zip(sparse, windows, strict=True)], layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=103424, least=1),
        heads=(),
        tied=True,
        head_bias=bias,
        max_context=c.int("max_position_embeddings", default=131072),
        mtp=mtp,
    )
