"""Qwen2, and the language model of Qwen2.5-VL: biases on q, k and v, windows in the later layers."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, Part, join


def qwen_windows(c: Config, layers: int, start: int) -> list[tuple[str, int | None]]:
    """Windows, if ``use_sliding_window``, from layer ``max_window_layers`` on (its class default is ``start``)."""
    window = c.optional("sliding_window", default=4096)
    start = c.int("max_window_layers", default=start)
    if not c.bool("use_sliding_window"):
        window = None
    late = [i >= start and window is not None for i in range(layers)]
    pattern = ["sliding_attention" if slides else "full_attention" for slides in late]
    return layer_windows(c, layers, window, pattern=pattern)


def _layers(
    c: Config,
    hidden: int,
    heads: int,
    kv_heads: int,
    head_dim: int,
    intermediate: int,
    windows: list[tuple[str, int | None]],
) -> tuple[Block, ...]:
    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            attention("self_attn", hidden, heads, kv_heads, head_dim, bias=True, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
        )

    return blocks_by_kind("language", "layers.{}.", windows, layer)


def qwen2(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2ForCausalLM (transformers 5.23, models/qwen2)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=32, null=heads, least=1)
    windows = qwen_windows(c, c.count("num_hidden_layers", default=32), 28)
    intermediate = c.int("intermediate_size", default=22016)
    return language_model(
        c,
        head,
        _layers(c, hidden, heads, kv_heads, head_width(c, hidden, heads), intermediate, windows),
        hidden=hidden,
        vocab=c.int("vocab_size", default=151936, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )


def qwen2_5_vl_text(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5_VLTextModel, which has no head of its own (transformers 5.23, models/qwen2_5_vl)."""
    hidden = c.int("hidden_size", default=8192, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    windows = qwen_windows(c, c.count("num_hidden_layers", default=80), 80)
    intermediate = c.int("intermediate_size", default=29568)
    return language_model(
        c,
        head,
        _layers(c, hidden, heads, kv_heads, head_dim, intermediate, windows),
        hidden=hidden,
        vocab=c.int("vocab_size", default=152064, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=32768),
        default_head="base",
    )
