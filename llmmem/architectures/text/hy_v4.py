"""Hy4: several residual streams, gated latent attention over the tokens an indexer picks, shared and routed experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.deepseek import latent
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import indexer
from llmmem.parts.basic import COLUMN, buffer, in_fp32, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp, router, stacked_experts
from llmmem.parts.streams import stream_scores, streaming
from llmmem.tensors import ModelSpec, Part, join

NAMES = ("linear_gate", "up_proj", "down_proj")


def hy_v4(c: Config, head: str | None = None) -> ModelSpec:
    """HYV4ForCausalLM (transformers 5.23, models/hy_v4)."""
    hidden = c.int("hidden_size", default=2816, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    streams = c.int("hc_mult", default=4, least=1)
    gate = linear(
        "linear_gate",
        hidden,
        heads * c.int("v_head_dim", default=256, least=1),
        cut=COLUMN,
        unit=c.int("v_head_dim", default=256, least=1),
    )
    sinks = in_fp32(scalars("learnable_sink_param", heads, shard=0))
    attends = latent(c, hidden, heads, nope=192, value=256, extra=(*gate, *sinks))
    chooses = indexer(
        "self_attn.indexer",
        hidden,
        c.int("q_lora_rank", default=1536, least=1),
        c.int("index_n_heads", default=16, least=1),
        c.int("index_head_dim", default=128, least=1),
    )
    kept = ("k_norm", "weights_proj")
    chooses = chooses._replace(
        tensors=tuple(t._replace(dtype="fp32") if t.name.split(".")[2] in kept else t for t in chooses.tensors)
    )
    inner = c.int("moe_intermediate_size", default=768)
    count = c.int("num_local_experts", "n_routed_experts", default=256, least=1)
    top_k = c.int("num_experts_per_tok", default=8)
    moe = join(
        router("mlp.gate", hidden, count),
        buffer("mlp.gate.e_score_correction_bias", count, dtype="fp32"),
        stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi"),
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=1), names=NAMES),
    )
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=6912), names=NAMES)

    def layer(sparse: bool, picks: bool) -> Part:
        return join(
            stream_scores("hc_pre.hc_attn_layer.hc_", hidden, streams, 2 * streams, 2),
            stream_scores("hc_pre.hc_mlp_layer.hc_", hidden, streams, 2 * streams, 2),
            streaming(hidden, streams),
            norm("input_layernorm", hidden),
            attends,
            chooses if picks else (),
            norm("post_attention_layernorm", hidden),
            moe if sparse else dense,
        )

    n = c.count("num_hidden_layers", default=34)
    # A layer without an indexer reads the tokens picked by the last one that has one.
    picking = c.each_layer("indexer_types", layers=n)
    picks = [i % 4 == 1 or i == 0 for i in range(n)] if picking is None else [kind != "shared" for kind in picking]
    kinds = list(zip(sparse_layers(c, [i > 0 for i in range(n)]), picks, strict=True))
    spec = language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=120832, least=1),
        final=(*norm("norm", hidden), *stream_scores("hc_pre.hc_head.hc_head_", hidden, streams, streams, 1)),
        heads=(),
        max_context=c.int("max_position_embeddings", default=262144),
    )
    # The output head is kept in fp32 too.
    return spec._replace(
        blocks=tuple(
            b._replace(tensors=in_fp32(b.tensors)) if any(t.role == "head" for t in b.tensors) else b
            for b in spec.blocks
        )
    )
