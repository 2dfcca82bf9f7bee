"""BitNet b1.58: norms before the last matrix of the attention and of the MLP."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join


def bitnet(c: Config, head: str | None = None) -> ModelSpec:
    """BitNetForCausalLM (arXiv:2504.12285; transformers 5.23, models/bitnet)."""
    s = sizes(c, hidden=2560, heads=20, kv_heads=5, intermediate=6912)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=30), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        extra=norm("attn_sub_norm", s.hidden),
        feed_forward=join(gated_mlp("mlp", s.hidden, s.intermediate), norm("mlp.ffn_sub_norm", s.intermediate)),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=128256, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
