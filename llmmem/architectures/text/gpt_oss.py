"""gpt-oss: a learned sink per head, a window in every other layer, experts stored as stacks with biases."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention, sinks
from llmmem.parts.basic import norm
from llmmem.parts.mlp import router, stacked_experts
from llmmem.tensors import ModelSpec, Part, join, runs


def gpt_oss(c: Config, head: str | None = None) -> ModelSpec:
    """GptOssForCausalLM (arXiv:2508.10925; transformers 5.23, models/gpt_oss)."""
    hidden = c.int("hidden_size", default=2880, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, null=heads, least=1)
    head_dim = head_width(c, hidden, heads, 64)
    bias = c.bool("attention_bias", default=True)
    inner = c.int("intermediate_size", default=2880)
    count = c.int("num_experts", "num_local_experts", default=128, least=1)
    top_k = c.int("num_experts_per_tok", default=4)

    routed = stacked_experts("mlp.experts", hidden, inner, count, top_k, bias_suffix="_bias")

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            runs(
                attention(
                    "self_attn",
                    hidden,
                    heads,
                    kv_heads,
                    head_dim,
                    bias=bias,
                    out_bias=bias,
                    extra=sinks(heads),
                    cache=cache,
                    window=window,
                ),
                scores=(3, 0),
                written=True,
            ),  # sinks have no fused kernel; the softmax keeps the compute dtype
            norm("post_attention_layernorm", hidden),
            router("mlp.router", hidden, count, bias=True),
            # Biases are gathered for every token; both halves are clamped, and their product takes five steps.
            runs(routed, width=top_k * (9 * inner + hidden)),
        )

    n = c.count("num_hidden_layers", default=36)
    pattern = ["sliding_attention" if (i + 1) % 2 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=128), pattern=pattern)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=201088, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=131072),
    )
