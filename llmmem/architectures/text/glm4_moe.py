"""GLM-4.5 with grouped-query attention, and GLM-4.7-Flash with latent attention: DeepSeek-V3's experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.deepseek import latent, routed
from llmmem.architectures.text.routed import layer_of, predictors, sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part


def glm4_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4MoeForCausalLM (arXiv:2508.06471; transformers 5.23, models/glm4_moe)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=96, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = head_width(c, hidden, heads)
    vocab = c.int("vocab_size", default=151552, least=1)
    bias = c.bool("attention_bias")
    norms = qk_norm(head_dim) if c.bool("use_qk_norm") else ()
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=10944))
    moe = routed(c, hidden, inner=1408, count=128, top_k=8)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, extra=norms, cache=cache, window=window
        )
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=46)
    first = c.int("first_k_dense_replace", default=1)
    windows = layer_windows(c, n, c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [(i >= first, *kind) for i, kind in enumerate(windows)], layer),
        hidden=hidden,
        vocab=vocab,
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        mtp=predictors(c, n, layer(True, "full", None), hidden=hidden, vocab=vocab, default=1),
    )


def glm4_moe_lite(c: Config, head: str | None = None) -> ModelSpec:
    """Glm4MoeLiteForCausalLM (transformers 5.23, models/glm4_moe_lite)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=20, least=1)
    vocab = c.int("vocab_size", default=154880, least=1)
    # head_dim is an alias of the rotary width here, and wins (attribute_map).
    rope = c.int("head_dim", "qk_rope_head_dim", default=64, least=1)
    attends = latent(c, hidden, heads, q_rank=768, nope=192, rope=rope, value=256)
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=10240))
    moe = routed(c, hidden, inner=1536, count=64, top_k=4)

    def layer(sparse: bool) -> Part:
        return layer_of(hidden, attends, moe if sparse else dense)

    n = c.count("num_hidden_layers", default=47)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", sparse_layers(c, [i >= 1 for i in range(n)]), layer),
        hidden=hidden,
        vocab=vocab,
        heads=(),
        max_context=c.int("max_position_embeddings", default=202752),
        mtp=predictors(c, n, layer(True), hidden=hidden, vocab=vocab),
    )
