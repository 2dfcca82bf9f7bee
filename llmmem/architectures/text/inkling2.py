"""Inkling 2's language model: layers ask earlier ones for their input, gates and sinks on the heads, convolutions."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, buffer, embedding, in_fp32, linear, norm, scalars
from llmmem.parts.mlp import router, stacked_experts
from llmmem.parts.shortconv import dynamic_token_mix, token_mix
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join

QKVO = ("wq_du", "wk_dv", "wv_dv", "wo_ud")


def _attention(c: Config, hidden: int, kernel: int, *, slides: bool) -> Part:
    own = "swa_" if slides else ""
    heads = c.int(f"{own}num_attention_heads", default=48, least=1)
    kv_heads = c.int(f"{own}num_key_value_heads", default=8, least=1)
    head_dim = c.int(f"{own}head_dim", default=128, least=1)
    window = c.int("sliding_window", "sliding_window_size", default=1024) if slides else None
    reach = c.int("rel_extent", default=1024) if window is None else window
    relative = c.int("d_rel", default=16)
    part = attention(
        "attn",
        hidden,
        heads,
        kv_heads,
        head_dim,
        names=QKVO,
        extra=(
            *linear("wr_du", hidden, heads * relative, cut=COLUMN, unit=relative),
            *linear("gate_attn", hidden, heads * head_dim, cut=COLUMN, unit=head_dim),
            *linear("attn_sink_proj", hidden, heads, cut=COLUMN),
            *scalars("q_l2_clip.scale", heads, head_dim, shard=0),
            *scalars("rel_l2_clip.scale", heads, relative, shard=0),
            *scalars("rel_logits_proj.proj", relative, reach),
        ),
        cache="sliding" if slides else "full",
        window=window,
    )
    mixes = []
    for name in ("attn.k_sconv", "attn.v_sconv"):
        if slides:
            mixes.append(token_mix(name, kv_heads * head_dim, kernel, shard=True))
        else:
            mixes.append(dynamic_token_mix(name, hidden, kv_heads, head_dim, kernel))
    return join(part._replace(work=tuple(w._replace(kind="biased_attention") for w in part.work)), *mixes)


def _queries(name: str, layers: list[int], *shape: int) -> Block:
    """What a layer asks of the sums of earlier layers; stored together, one tensor per layer."""
    return Block("language", f"attn_res.{name}.{{}}", in_fp32((Tensor("", shape, "scalar"),)), tuple(layers))


def inkling2_text(c: Config, head: str | None = None) -> ModelSpec:
    """Inkling2ForCausalLM (transformers 5.23, models/inkling2)."""
    hidden = c.int("hidden_size", default=4608, least=1)
    kernel = c.int("sconv_kernel_size", "conv_kernel_size", default=4, least=1)
    inner = c.int("intermediate_size", "moe_intermediate_size", default=2304)
    count = c.int("num_local_experts", "n_routed_experts", default=384, least=1)
    top_k = c.int("num_experts_per_tok", default=8)
    moe = join(
        in_fp32(router("mlp.gate", hidden, count)),
        buffer("mlp.gate.bias", count, dtype="fp32"),
        stacked_experts("mlp.experts", hidden, inner, count, top_k, names=("w13_weight", "w2_weight"), layout="oi"),
    )

    def layer(kind: str) -> Part:
        slides = kind == "hybrid_sliding"
        inputs = ("attn_norm",) if slides else ("q_input_norm", "k_input_norm", "v_input_norm")
        return join(
            _attention(c, hidden, kernel, slides=slides),
            moe,
            *(norm(name, hidden) for name in (*inputs, "mlp_norm")),
            token_mix("attn_sconv", hidden, kernel),
            token_mix("mlp_sconv", hidden, kernel),
        )

    n = c.count("num_hidden_layers", default=48)
    pattern = ["hybrid" if i % 6 == 5 else "hybrid_sliding" for i in range(n)]
    kinds = layer_kinds(c, "layer_types", known=("hybrid", "hybrid_sliding"), default=pattern, layers=n)
    # The first layer has only the embeddings to read; where q, k and v have inputs of their own, they ask separately.
    asks = {kind: [i - 1 for i in range(1, n) if kinds[i] == kind] for kind in ("hybrid_sliding", "hybrid")}
    vocab = c.int("vocab_size", default=201024, least=1)
    return language_model(
        c,
        head,
        (
            *blocks_by_kind("language", "layers.{}.", kinds, layer),
            _queries("attn_queries", asks["hybrid_sliding"], hidden),
            _queries("attn_queries", asks["hybrid"], 3, hidden),
            _queries("mlp_queries", list(range(n)), hidden),
        ),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed", vocab, hidden), *norm("embed_norm", hidden)),
        final=(*norm("norm", hidden), *in_fp32(scalars("attn_res.output_query", hidden))),
        base="model.llm.",
        head_name="model.llm.unembed",
        tied=None,
        heads=(),
        max_context=c.int("model_max_length", "max_position_embeddings", default=1048576),
    )
