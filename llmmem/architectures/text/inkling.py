"""Inkling's language model: relative positions, short convolutions everywhere, shared experts scored like others."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import COLUMN, buffer, embedding, in_fp32, linear, norm, scalars
from llmmem.parts.mlp import gated_mlp, router, stacked_experts, stacked_shared_experts
from llmmem.parts.shortconv import token_mix
from llmmem.tensors import Block, ModelSpec, Part, join


def _attention(c: Config, hidden: int, kernel: int, *, slides: bool) -> Part:
    """Attention whose scores get a learned bias for the distance; layers with a window have sizes of their own."""
    own = "swa_" if slides else ""
    heads = c.int(f"{own}num_attention_heads", default=64, least=1)
    kv_heads = c.int(f"{own}num_key_value_heads", default=16 if slides else 8, least=1)
    head_dim = c.int(f"{own}head_dim", default=128, least=1)
    window = c.int("sliding_window", "sliding_window_size", default=512) if slides else None
    reach = c.int("rel_extent", default=1024) if window is None else window
    relative = c.int("d_rel", default=16)
    part = attention(
        "self_attn",
        hidden,
        heads,
        kv_heads,
        head_dim,
        extra=(
            *linear("r_proj", hidden, heads * relative, cut=COLUMN, unit=relative),
            *qk_norm(head_dim),
            *scalars("rel_logits_proj.proj", relative, reach),
        ),
        cache="sliding" if slides else "full",
        window=window,
    )
    return join(
        part._replace(work=tuple(w._replace(kind="biased_attention") for w in part.work)),
        token_mix("self_attn.k_sconv.conv1d", kv_heads * head_dim, kernel, shard=True),
        token_mix("self_attn.v_sconv.conv1d", kv_heads * head_dim, kernel, shard=True),
    )


def _predictors(c: Config, hidden: int, layer: Callable[[str, str], Part]) -> list[Block]:
    """Deep prediction layers: dense ones behind a matrix that joins two normed inputs, perhaps one norm for all."""
    deep = range(c.count("num_mtp_layers", default=0))
    local = set(c.ints("mtp_local_layer_ids") or ())
    blocks = []
    for kind, layers in (
        ("hybrid", tuple(i for i in deep if i not in local)),
        ("hybrid_sliding", tuple(i for i in deep if i in local)),
    ):
        tensors = (
            *norm("hidden_norm", hidden),
            *norm("embed_norm", hidden),
            *linear("input_proj", 2 * hidden, hidden, role="router"),
            *(t._replace(name=f"transformer_block.{t.name}") for t in layer(kind, "dense").tensors),
        )
        blocks.append(Block("mtp", "mtp.layers.{}.", tensors, layers, loaded=False))
    if deep and c.bool("chain_hidden_post_norm"):
        blocks.append(Block("mtp", "mtp.", norm("chain_norm", hidden), loaded=False))
    return blocks


def inkling_text(c: Config, head: str | None = None) -> ModelSpec:
    """InklingForCausalLM (transformers 5.23, models/inkling)."""
    hidden = c.int("hidden_size", default=6144, least=1)
    kernel = c.int("sconv_kernel_size", "conv_kernel_size", default=4, least=1)
    count = c.int("num_local_experts", "n_routed_experts", default=256, least=1)
    shared = c.int("n_shared_experts", default=2)
    top_k = c.int("num_experts_per_tok", default=6)
    intermediate = c.int("intermediate_size", default=24576)
    inner = c.int("moe_intermediate_size", default=3072)
    if c.get("dense_intermediate_size") is not None:  # then intermediate_size is that of the experts
        inner, intermediate = intermediate, c.int("dense_intermediate_size")
    moe = join(
        # The shared experts are scored beside the others.
        router("mlp.gate", hidden, count + shared),
        in_fp32(scalars("mlp.gate.global_scale", 1)),
        buffer("mlp.gate.e_score_correction_bias", count, dtype="fp32"),
        stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi"),
        stacked_shared_experts("mlp.shared_experts", hidden, inner, shared),
    )
    dense = join(gated_mlp("mlp", hidden, intermediate), scalars("mlp.global_scale", 1))
    attends = {slides: _attention(c, hidden, kernel, slides=slides) for slides in (False, True)}

    def layer(kind: str, feed_forward: str) -> Part:
        return join(
            attends[kind == "hybrid_sliding"],
            moe if feed_forward == "sparse" else dense,
            norm("input_layernorm", hidden),
            norm("post_attention_layernorm", hidden),
            token_mix("attn_sconv.conv1d", hidden, kernel),
            token_mix("mlp_sconv.conv1d", hidden, kernel),
        )

    n = c.count("num_hidden_layers", default=66)
    local = c.ints("local_layer_ids")
    whole = {i for i in range(n) if i % 6 == 5} if local is None else set(range(n)) - set(local)
    pattern = ["hybrid" if i in whole else "hybrid_sliding" for i in range(n)]
    first = c.int("dense_mlp_idx", default=0)
    feeds = ["dense" if i < first else "sparse" for i in range(n)]
    kinds = layer_kinds(c, "layer_types", known=("hybrid", "hybrid_sliding"), default=pattern, layers=n)
    feeds = layer_kinds(c, "mlp_layer_types", known=("dense", "sparse"), default=feeds, layers=n)
    vocab = c.int("vocab_size", default=201024, least=1)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(kinds, feeds, strict=True)), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed_tokens", vocab, hidden), *norm("embed_tokens.embed_norm", hidden)),
        tied=None,
        heads=(),
        max_context=c.int("model_max_length", "max_position_embeddings", default=131072),
        mtp=_predictors(c, hidden, layer),
    )
