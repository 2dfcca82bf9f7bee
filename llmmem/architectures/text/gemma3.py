"""Gemma 3's language model: norms over each head of q and k, and five layers with a window to one without."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join, runs


def gemma3_text(c: Config, head: str | None = None) -> ModelSpec:
    """Gemma3ForCausalLM (arXiv:2503.19786; transformers 5.23, models/gemma3)."""
    hidden = c.int("hidden_size", default=2304, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    kv_heads = c.int("num_key_value_heads", default=4, least=1)
    head_dim = head_width(c, hidden, heads, 256)
    bias = c.bool("attention_bias")
    intermediate = c.int("intermediate_size", default=9216)
    # The norm of q comes after all three projections; its fp32 copy and the squares.
    early = ((heads + 2 * kv_heads) * head_dim, 2 * heads * head_dim)

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
                    extra=qk_norm(head_dim),
                    cache=cache,
                    window=window,
                ),
                early=early,
            ),
            norm("post_attention_layernorm", hidden),
            norm("pre_feedforward_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
            norm("post_feedforward_layernorm", hidden),
        )

    n = c.count("num_hidden_layers", default=26)
    window = c.optional("sliding_window", default=4096)
    if window is not None and c.bool("use_bidirectional_attention"):
        window = window // 2 + 1  # half of it on either side
    every = c.int("sliding_window_pattern", default=6, least=1)
    pattern = ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(n)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", layer_windows(c, n, window, pattern=pattern), layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=262208, least=1),
        heads=("sequence",),
        tied=True,
        max_context=c.int("max_position_embeddings", default=131072),
    )
