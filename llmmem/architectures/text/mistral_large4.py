"""Mistral Large 4's language model: latent attention over the tokens an indexer picks, and experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, language_model, refuse_head
from llmmem.architectures.text.deepseek_dsa import indexed
from llmmem.architectures.text.routed import sparse_layers
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import indexer, latent_attention
from llmmem.parts.basic import COLUMN, Tensors, buffer, linear, norm, scalars
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join

#: the projections of the attention, as other models call them -> as they are stored
_STORED = {"kv_a_proj_with_mqa": "wkv_a_with_mqa", "kv_a_layernorm": "kv_a_norm", "kv_b_proj": "wkv_b"}


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
            _attention(c, hidden, heads, rope, turns=turns, owns=owns),
            _indexer(c, hidden) if indexes else (),
            norm("ffn_norm", hidden),
            moe if sparse else dense,
        )

    return language_model(
        c,
        kind,
        blocks_by_kind("language", "layers.{}.", list(kinds), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=204800, least=1),
        final=(*norm("norm", hidden), *buffer("rotary_emb.alpha", -(-rope // 2))),
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


def _attention(c: Config, hidden: int, heads: int, rope: int, *, turns: bool, owns: bool) -> Part:
    """Latent attention, which in layers without rotary embedding has heads of the same width.

    Args:
        turns: queries and keys are rotated.
        owns: keys and values are not an earlier layer's.
    """
    nope = c.int("qk_nope_head_dim", default=64)
    part = latent_attention(
        "attention",
        hidden,
        heads,
        q_rank=None,
        query=linear("wq", hidden, heads * (nope + rope), cut=COLUMN, unit=nope + rope),
        kv_rank=c.int("kv_lora_rank", default=512, least=1),
        nope=nope if turns else nope + rope,
        rope=rope if turns else 0,
        value=c.int("v_head_dim", default=128, least=1),
        bias=c.bool("attention_bias"),
        extra=_scaling("ssmax_scaling", heads),
    )
    tensors = []
    for tensor in part.tensors:
        module = tensor.name.split(".")[1]
        if owns or not module.startswith("kv_a"):
            tensors.append(tensor._replace(name=tensor.name.replace(module, _STORED.get(module, module))))
    return Part(tuple(tensors), part.caches if owns else (), part.work)


def _indexer(c: Config, hidden: int) -> Part:
    """It reads the residual stream, and scales its scores as the attention does."""
    heads = c.int("index_n_heads", default=32)
    extra = (*norm("q_input_norm", hidden, bias=True), *_scaling("ssmax_scaling", heads))
    return join(
        indexer("attention.indexer", hidden, hidden, heads, c.int("index_head_dim", default=128)),
        tuple(t._replace(name=f"attention.indexer.{t.name}", shard=None) for t in extra),
    )


def _scaling(name: str, heads: int) -> Tensors:
    """Scores grow with the length of the text, for every head by its own law."""
    return (*scalars(f"{name}.s", heads, shard=0), *scalars(f"{name}.b", heads, shard=0))


def _experts(c: Config, hidden: int) -> Part:
    inner = c.int("moe_intermediate_size", default=6144)
    count = c.int("num_experts", "num_local_experts", "n_routed_experts", default=128, least=1)
    return join(
        router("gate", hidden, count),
        experts("experts", hidden, inner, count, c.int("num_experts_per_tok", default=4), names=("w1", "w3", "w2")),
        gated_mlp("shared_experts", hidden, inner * c.int("n_shared_experts", default=1)),
    )
