"""Mistral Large 4's language model: latent attention over the tokens an indexer picks, and experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, language_model, refuse_head
from llmmem.architectures.text.deepseek_dsa import indexed
from llmmem.architectures.text.mistral_large4_attention import attention, index
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import buffer, in_fp32, norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join


def mistral_large4_text(c: Config, head: str | None = None) -> ModelSpec:
    """MistralLarge4TextModel (transformers 5.23, models/mistral_large4), under the names it stores on its own."""
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=6144, least=1)
    n = c.count("num_hidden_layers", default=72)
    rope = c.int("qk_rope_head_dim", default=64, least=1)
    every = c.int("no_rope_layer_interval", default=4, least=1)
    turned = c.each_layer("no_rope_layers", layers=n) or [(i + 1) % every for i in range(n)]
    first = c.int("first_k_dense_replace", default=1)
    kinds = zip(
        sparse_layers(c, [i >= first for i in range(n)]),
        indexed(c, n),
        (bool(own) for own in turned),
        _owners(c, n),
        strict=True,
    )
    dense = gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=24576))
    moe = _experts(c, hidden)
    heads = c.int("num_attention_heads", default=64, least=1)

    def layer(sparse: bool, indexes: bool, turns: bool, owns: bool) -> Part:
        return join(
            norm("attention_norm", hidden),
            attention(c, hidden, heads, rope, turns=turns, owns=owns),
            index(c, hidden) if indexes else (),
            norm("ffn_norm", hidden),
            moe if sparse else dense,
        )

    return language_model(
        c,
        kind,
        blocks_by_kind("language", "layers.{}.", list(kinds), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=204800, least=1),
        final=(*norm("norm", hidden), *buffer("rotary_emb.alpha", -(-rope // 2), dtype="fp32")),
        heads=(),
        max_context=c.int("max_position_embeddings", default=1048576),
    )


def _owners(c: Config, layers: int) -> list[bool]:
    """Which layers have keys and values of their own; the others read an earlier layer's.

    Raises:
        ConfigError: the layer that is read has none of its own.
    """
    sources = c.ints("kv_source_layers")
    if sources is None:
        return [True] * layers
    if len(sources) != layers or any(s > i or sources[s] != s for i, s in enumerate(sources)):
        raise ConfigError(
            "kv_source_layers should name, for every layer, itself or an earlier layer that owns its cache.",
            "Check the config.json.",
        )
    return [source == i for i, source in enumerate(sources)]


def _experts(c: Config, hidden: int) -> Part:
    inner = c.int("moe_intermediate_size", default=6144)
    count = c.int("num_experts", "num_local_experts", "n_routed_experts", default=128, least=1)
    return join(
        in_fp32(router("gate", hidden, count)),
        experts("experts", hidden, inner, count, c.int("num_experts_per_tok", default=4), names=("w1", "w3", "w2")),
        gated_mlp("shared_experts", hidden, inner * c.int("n_shared_experts", default=1)),
    )
