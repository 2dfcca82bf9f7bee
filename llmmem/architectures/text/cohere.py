"""Cohere's Command and Compass: attention and MLP side by side behind one norm, tied embeddings."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.tensors import ModelSpec, Tensor


def _cohere(
    c: Config,
    head: str | None,
    *,
    window: int | None = None,
    pattern: list[str] | None = None,
    normed: bool = False,
    heads: tuple[str, ...] = (),
) -> ModelSpec:
    """The sizes all three share.

    Args:
        window, pattern: the class defaults of sliding_window and layer_types.
        normed: a norm of its own for every head of q and k.
    """
    s = sizes(c, hidden=8192, heads=64, intermediate=22528)
    bias = c.bool("attention_bias")
    qk_norms: Tensors = ()
    if normed:
        qk_norms = (
            Tensor("q_norm.weight", (s.heads, s.head_dim), "norm", 0),
            Tensor("k_norm.weight", (s.kv_heads, s.head_dim), "norm", 0),
        )
    # Both are turned in fp32, q and then k: the copies, q * cos, the turned pairs and their product with sin.
    q, kv = s.heads * s.head_dim, s.kv_heads * s.head_dim
    run = {"early": (q + 2 * kv, max(4 * q + kv, 2 * q + 4 * kv))}
    n = c.count("num_hidden_layers", default=40)
    windows = layer_windows(c, n, c.optional("sliding_window", default=window), pattern=pattern)
    return language_model(
        c,
        head,
        llama_layers(s, windows, norms=("input_layernorm",), bias=bias, out_bias=bias, extra=qk_norms, run=run),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        tied=True,
        heads=heads,
        max_context=c.int("max_position_embeddings", default=8192),
    )


def cohere(c: Config, head: str | None = None) -> ModelSpec:
    """CohereForCausalLM (transformers 5.23, models/cohere)."""
    return _cohere(c, head, normed=c.bool("use_qk_norm"))


def cohere2(c: Config, head: str | None = None) -> ModelSpec:
    """Cohere2ForCausalLM: a window in three layers of four (arXiv:2504.00698; transformers 5.23, models/cohere2)."""
    every = c.int("sliding_window_pattern", default=4, least=1)
    n = c.count("num_hidden_layers", default=40)
    pattern = ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(n)]
    return _cohere(c, head, window=4096, pattern=pattern)


def cohere_compass_text(c: Config, head: str | None = None) -> ModelSpec:
    """CohereCompassForCausalLM: windows only where layer_types says so (transformers 5.23, models/cohere_compass)."""
    pattern = ["full_attention"] * c.count("num_hidden_layers", default=40)
    return _cohere(c, head, window=4096, pattern=pattern, heads=("sequence",))
