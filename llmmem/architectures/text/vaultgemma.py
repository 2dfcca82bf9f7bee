"""VaultGemma: Gemma 2 with two norms instead of four."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def vaultgemma(c: Config, head: str | None = None) -> ModelSpec:
    """VaultGemmaForCausalLM (transformers 5.23, models/vaultgemma)."""
    s = sizes(c, hidden=2304, heads=8, intermediate=9216, kv_heads=4, head_dim=256)
    n = c.count("num_hidden_layers", default=26)
    pattern = ["sliding_attention" if (i + 1) % 2 else "full_attention" for i in range(n)]
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, n, c.optional("sliding_window", default=4096), pattern=pattern),
        norms=("input_layernorm", "pre_feedforward_layernorm"),
        bias=bias,
        out_bias=bias,
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        tied=True,
        heads=(),
        max_context=c.int("max_position_embeddings", default=8192),
    )
