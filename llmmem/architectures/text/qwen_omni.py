"""The language models that think in Qwen-Omni."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.architectures.text.qwen2 import qwen2_5_vl_text
from llmmem.architectures.text.qwen3 import sparse_layers
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, gated_mlp, router
from llmmem.tensors import ModelSpec, Part, join

_QWEN2_5 = {
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "sliding_window": 32768,
    "max_window_layers": 28,
}


def qwen2_5_omni_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniThinkerTextModel (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    return qwen2_5_vl_text(Config({**_QWEN2_5, **c.raw}, c.path, c.reads), head)


def qwen3_omni_moe_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeThinkerTextModel (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", default=28, least=1)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim, bias = head_width(c, hidden, heads), c.bool("attention_bias")
    count, top_k = c.int("num_experts", default=128), c.int("num_experts_per_tok", default=8)
    inner, width = c.int("moe_intermediate_size", default=768), c.int("intermediate_size", default=18944)
    layers = c.count("num_hidden_layers", default=28)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention(
                "self_attn",
                hidden,
                heads,
                kv_heads,
                head_dim,
                bias=bias,
                out_bias=bias,
                extra=qk_norm(head_dim),
                cache=cache,
                window=window,
            ),
            norm("post_attention_layernorm", hidden),
            join(router("mlp.gate", hidden, count), experts("mlp.experts", hidden, inner, count, top_k))
            if sparse
            else gated_mlp("mlp", hidden, width),
        )

    windows = layer_windows(c, layers, c.optional("sliding_window"))
    kinds = [(sparse, *window) for sparse, window in zip(sparse_layers(c, layers, count), windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=3584, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
        default_head="base",
    )
