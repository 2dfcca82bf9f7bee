"""EXAONE 4.0: norms after attention and MLP, norms over each head of q and k, a window in three layers of four."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.attention import qk_norm
from llmmem.tensors import ModelSpec


def exaone4(c: Config, head: str | None = None) -> ModelSpec:
    """Exaone4ForCausalLM (arXiv:2507.11407; transformers 5.23, models/exaone4)."""
    s = sizes(c, hidden=4096, heads=32, kv_heads=32, intermediate=16384)
    n = c.count("num_hidden_layers", default=32)
    # Published files also write the pattern out, "LLLG": local layers and the global one that ends a round.
    rounds = c.get("sliding_window_pattern")
    every = len(rounds) or 1 if isinstance(rounds, str) else c.int("sliding_window_pattern", default=4, least=1)
    pattern = ["sliding_attention" if (i + 1) % every else "full_attention" for i in range(n)]
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern),
        norms=("post_attention_layernorm", "post_feedforward_layernorm"),
        extra=qk_norm(s.head_dim),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=102400, least=1),
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=2048),
    )
