"""The language models of DeepSeek-OCR 2 and Unlimited OCR: DeepSeek-V2's experts behind usual attention."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.pattern import layer_kinds
from llmmem.architectures.text.routed import layer_of, sparse_layers
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.mlp import experts, gated_mlp, router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join

#: what Unlimited OCR's configuration class has of its own
_UNLIMITED = {
    "vocab_size": 129280,
    "hidden_size": 1280,
    "intermediate_size": 6848,
    "num_hidden_layers": 12,
    "num_attention_heads": 10,
    "num_key_value_heads": 10,
    "max_position_embeddings": 32768,
    "num_experts_per_tok": 6,
    "moe_intermediate_size": 896,
}


def deepseek_ocr2_text(c: Config, head: str | None = None) -> ModelSpec:
    """DeepseekOcr2TextModel, without a head (arXiv:2601.20552; transformers 5.23, models/deepseek_ocr2).

    On its own it is stored with its experts in stacks, inside DeepSeek-OCR 2 one by one.
    """
    layers = c.count("num_hidden_layers", default=32)
    if c.list("mlp_layer_types") is None:
        raise c.missing("mlp_layer_types")
    return _model(c, head, sparse_layers(c, [True] * layers), [("full", None)] * layers, stacked=head is None)


def unlimited_ocr_text(c: Config, head: str | None = None) -> ModelSpec:
    """UnlimitedOcrTextModel, without a head (transformers 5.23, models/unlimited_ocr).

    Its layers keep the whole prompt, and of what is written the last words: no more than a full cache at any time.
    """
    c = Config({**_UNLIMITED, **c.raw}, c.path, c.reads)
    layers = c.count("num_hidden_layers")
    first = c.int("first_k_dense_replace", default=1)
    referring = "reference_sliding_attention"
    known = ("full_attention", "sliding_attention", referring)
    named = layer_kinds(c, "layer_types", known=known, default=[referring] * layers, layers=layers)
    plain = ["full_attention" if kind == referring else kind for kind in named]
    windows = layer_windows(
        Config({**c.raw, "layer_types": plain}, c.path, c.reads), layers, c.int("sliding_window", default=128)
    )
    return _model(c, head, sparse_layers(c, [i >= first for i in range(layers)]), windows, stacked=False)


def _model(
    c: Config, head: str | None, sparse: list[bool], windows: list[tuple[str, int | None]], *, stacked: bool
) -> ModelSpec:
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")
    dense = gated_mlp("mlp", hidden, c.int("intermediate_size", default=11008), bias=mlp_bias)
    inner = c.int("moe_intermediate_size", default=1407)
    # The general name is an alias that wins (attribute_map).
    count = c.int("num_experts", "n_routed_experts", default=64, least=1)
    # DeepSeek's class has no default for how many experts a token visits: counted as all of them.
    top_k = c.int("num_experts_per_tok", default=count)
    routed = (
        stacked_experts("mlp.experts", hidden, inner, count, top_k, layout="oi")
        if stacked
        else experts("mlp.experts", hidden, inner, count, top_k)
    )
    moe = join(
        router("mlp.gate", hidden, count),
        routed,
        gated_mlp("mlp.shared_experts", hidden, inner * c.int("n_shared_experts", default=2), bias=mlp_bias),
    )

    def layer(has_experts: bool, cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn", hidden, heads, kv_heads, head_dim, bias=bias, out_bias=bias, cache=cache, window=window
        )
        return layer_of(hidden, attends, moe if has_experts else dense)

    kinds = [(has_experts, *window) for has_experts, window in zip(sparse, windows, strict=True)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=102400, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
        default_head="base",
    )
