"""Phi-3: Llama with q, k, v in one matrix and gate and up in another."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model, layer_windows
from llmmem.config import Config
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def phi3(c: Config, head: str | None = None) -> ModelSpec:
    """Phi3ForCausalLM (arXiv:2404.14219; transformers 5.23, models/phi3)."""
    hidden = c.int("hidden_size", default=3072, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = head_width(c, hidden, heads)
    intermediate = c.int("intermediate_size", default=8192)
    names = ("self_attn.qkv_proj", "self_attn.o_proj")

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("input_layernorm", hidden),
            fused_attention(names, hidden, heads, kv_heads, head_dim, cache=cache, window=window),
            norm("post_attention_layernorm", hidden),
            fused_gated_mlp("mlp", hidden, intermediate, names=("gate_up_proj", "down_proj")),
        )

    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", windows, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=32064, least=1),
        heads=("sequence", "token"),
        max_context=c.int("max_position_embeddings", default=4096),
    )
