"""Ling 3: delta nets that forget every channel at its own rate, gated latent attention in every sixth layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.routed import layer_of, predictors, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import latent_attention
from llmmem.parts.basic import COLUMN, embedding, linear
from llmmem.parts.delta import channel_delta_net
from llmmem.parts.mlp import gated_mlp, shared_moe
from llmmem.tensors import ModelSpec, Part

#: kept in fp32 whatever the checkpoint's dtype
_EXACT = ("conv", "scalar")


def bailing_hybrid(c: Config, head: str | None = None) -> ModelSpec:
    """BailingHybridForCausalLM (transformers 5.23, models/bailing_hybrid)."""
    hidden = c.int("hidden_size", default=2560, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    vocab = c.int("vocab_size", default=157184, least=1)
    latent = latent_attention(
        "attention",
        hidden,
        heads,
        q_rank=None,
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=c.int("qk_nope_head_dim", default=128),
        rope=c.int("qk_rope_head_dim", default=64, least=1),
        value=c.int("v_head_dim", default=128, least=1),
        bias=c.bool("attention_bias"),
        out="dense",
        extra=linear("g_proj", hidden, heads, cut=COLUMN),
    )
    # The names with linear_ are what transformers derives and writes.
    delta = channel_delta_net(
        "attention",
        hidden,
        c.int("linear_num_heads", default=heads, least=1),
        c.int("linear_head_dim", "head_dim", default=128, least=1),
        c.int("linear_conv_kernel_dim", "short_conv_kernel_size", default=4, least=1),
        out="dense",
        whole_gates=True,
    )
    delta = delta._replace(tensors=tuple(t._replace(dtype="fp32") if t.role in _EXACT else t for t in delta.tensors))
    inner = c.int("moe_intermediate_size", default=768)
    moe = shared_moe(
        "mlp",
        hidden,
        inner,
        c.int("num_experts", "num_local_experts", default=512, least=1),
        c.int("num_experts_per_token", "num_experts_per_tok", default=8),
        inner * c.int("num_shared_experts", "n_shared_experts", default=1),
        correction="gate.expert_bias",
    )
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=6144))

    def layer(mixer: str, sparse: bool) -> Part:
        return layer_of(hidden, delta if mixer == "linear_attention" else latent, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=42)
    group = c.int("layer_group_size", default=6, least=1)
    pattern = ["linear_attention" if (i + 1) % group else "full_attention" for i in range(n)]
    known = ("full_attention", "linear_attention")
    mixers = layer_kinds(c, "layer_types", known=known, default=pattern, layers=n)
    first = c.int("first_k_dense_replace", default=2)
    sparse = sparse_layers(c, [i >= first for i in range(n)])
    deep = predictors(c, n, layer("full_attention", True), hidden=hidden, vocab=0, default=1, final="final_layernorm")
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", list(zip(mixers, sparse, strict=True)), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("word_embeddings", vocab, hidden),
        heads=(),
        tied=None,
        max_context=c.int("model_max_length", "max_position_embeddings", default=262144),
        mtp=deep,
    )
