"""SmolLM3: Llama with positions in three layers of four; only the fourth may slide."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec


def smollm3(c: Config, head: str | None = None) -> ModelSpec:
    """SmolLM3ForCausalLM (transformers 5.23, models/smollm3)."""
    s = sizes(c, hidden=2048, heads=16, intermediate=11008, kv_heads=4)
    n = c.count("num_hidden_layers", default=36)
    interval = c.int("no_rope_layer_interval", default=4, least=1)
    # Despite its name the list says which layers have positions.
    rotary = c.each_layer("no_rope_layers", layers=n) or [(i + 1) % interval for i in range(n)]
    slides = c.bool("use_sliding_window")
    pattern = ["sliding_attention" if slides and not has else "full_attention" for has in rotary]
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window"), pattern=pattern),
        bias=bias,
        out_bias=bias,
        feed_forward=gated_mlp("mlp", s.hidden, s.intermediate, bias=c.bool("mlp_bias")),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128256, least=1),
        tied=True,
        qa_base="transformer.",
        max_context=c.int("max_position_embeddings", default=32768),
    )
