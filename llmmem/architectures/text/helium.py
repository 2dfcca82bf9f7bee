"""Helium: Llama whose output projection has no bias and reads hidden_size, whatever the heads give."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model, layer_windows
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def helium(c: Config, head: str | None = None) -> ModelSpec:
    """HeliumForCausalLM (transformers 5.23, models/helium)."""
    s = sizes(c, hidden=2560, heads=20, kv_heads=20, head_dim=128, intermediate=7040)
    bias, mlp_bias = c.bool("attention_bias"), c.bool("mlp_bias")

    def layer(cache: str, window: int | None) -> Part:
        attends = attention(
            "self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim, bias=bias, cache=cache, window=window
        )
        *qkv, out = attends.tensors
        return join(
            norm("input_layernorm", s.hidden),
            attends._replace(tensors=(*qkv, out._replace(shape=(s.hidden, s.hidden)))),
            norm("post_attention_layernorm", s.hidden),
            gated_mlp("mlp", s.hidden, s.intermediate, bias=mlp_bias),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=24), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=48000, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
    )
