"""dots.llm1: q/k norms over each head, a window in the last layers, DeepSeek-V3's experts."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.architectures.text.routed import layer_of
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.mlp import gated_mlp, shared_moe
from llmmem.tensors import ModelSpec, Part


def dots1(c: Config, head: str | None = None) -> ModelSpec:
    """Dots1ForCausalLM (arXiv:2506.05767; transformers 5.23, models/dots1); its class has no defaults for experts."""
    s = sizes(c, hidden=4608, heads=32, intermediate=10944, kv_heads=32)
    bias = c.bool("attention_bias")
    inner = c.int("moe_intermediate_size", default=1408)

    def layer(sparse: bool, cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn",
            s.hidden,
            s.heads,
            s.kv_heads,
            s.head_dim,
            bias=bias,
            out_bias=bias,
            extra=qk_norm(s.head_dim),
            cache=cache,
            window=window,
        )
        if not sparse:
            return layer_of(s.hidden, attends, gated_mlp("mlp", s.hidden, s.intermediate))
        count = c.int("num_local_experts", "n_routed_experts", least=1)
        top_k = c.int("num_experts_per_tok", default=count)
        shared = inner * c.int("n_shared_experts")
        return layer_of(s.hidden, attends, shared_moe("mlp", s.hidden, inner, count, top_k, shared))

    n = c.count("num_hidden_layers", default=62)
    window = c.optional("sliding_window", default=4096)
    start = c.int("max_window_layers", default=62)
    pattern = ["sliding_attention" if i >= start and window is not None else "full_attention" for i in range(n)]
    first = c.int("first_k_dense_replace", default=0)
    kinds = [(i >= first, *kind) for i, kind in enumerate(layer_windows(c, n, window, pattern=pattern))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=152064, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
