"""OLMo: norms without weights in the first, behind attention and MLP and over all of q and k in the later ones."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, runs


def olmo(c: Config, head: str | None = None) -> ModelSpec:
    """OlmoForCausalLM (arXiv:2402.00838; transformers 5.23, models/olmo)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    bias = c.bool("attention_bias")
    return language_model(
        c,
        head,
        llama_layers(s, windows, norms=(), bias=bias, out_bias=bias),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        final=(),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def _layers(c: Config, s: Sizes, windows: list[tuple[str, int | None]]) -> tuple[Block, ...]:
    bias = c.bool("attention_bias")
    q, kv = s.heads * s.head_dim, s.kv_heads * s.head_dim
    return llama_layers(
        s,
        windows,
        norms=("post_attention_layernorm", "post_feedforward_layernorm"),
        bias=bias,
        out_bias=bias,
        # Attention and MLP read the stream itself; cos and sin are fp32, and so is what they turn.
        feed_forward=runs(gated_mlp("mlp", s.hidden, s.intermediate), held=3),
        run={"held": 2, "early": (q + 2 * kv, max(3 * q, q + 3 * kv))},
        extra=(*norm("q_norm", s.heads * s.head_dim), *norm("k_norm", s.kv_heads * s.head_dim)),
    )


def olmo2(c: Config, head: str | None = None) -> ModelSpec:
    """Olmo2ForCausalLM (arXiv:2501.00656; transformers 5.23, models/olmo2)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        _layers(c, s, windows),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def olmo3(c: Config, head: str | None = None) -> ModelSpec:
    """Olmo3ForCausalLM: three layers with a window to one without (transformers 5.23, models/olmo3)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    n = c.count("num_hidden_layers", default=32)
    pattern = ["sliding_attention" if (i + 1) % 4 else "full_attention" for i in range(n)]
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern)
    return language_model(
        c,
        head,
        _layers(c, s, windows),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )
