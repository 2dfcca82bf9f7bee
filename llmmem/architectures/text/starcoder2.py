"""StarCoder2: LayerNorm, biases, and an MLP without a gate."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def starcoder2(c: Config, head: str | None = None) -> ModelSpec:
    """Starcoder2ForCausalLM (arXiv:2402.19173; transformers 5.23, models/starcoder2)."""
    s = sizes(c, hidden=3072, heads=24, intermediate=12288, kv_heads=2)
    bias = c.bool("use_bias", default=True)
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=30), c.optional("sliding_window")),
        norm_bias=True,
        bias=bias,
        out_bias=bias,
        feed_forward=mlp(("mlp.c_fc", "mlp.c_proj"), s.hidden, s.intermediate, bias=bias),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=49152, least=1),
        final=norm("norm", s.hidden, bias=True),
        tied=True,
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
    )
