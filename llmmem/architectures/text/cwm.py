"""Code World Model: Llama with a window in three layers of four."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def cwm(c: Config, head: str | None = None) -> ModelSpec:
    """CwmForCausalLM (arXiv:2510.02387; transformers 5.23, models/cwm)."""
    s = sizes(c, hidden=6144, heads=48, kv_heads=8, head_dim=128, intermediate=21504)
    n = c.count("num_hidden_layers", default=64)
    pattern = ["sliding_attention" if i % 4 else "full_attention" for i in range(n)]
    window = c.optional("sliding_window", default=8192) or None  # 0 is none, too
    return language_model(
        c,
        head,
        llama_layers(
            s,
            layer_windows(c, n, window, pattern=pattern),
            feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
        ),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128256, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
