"""Hunyuan, dense: norms over each head of q and k."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.tensors import ModelSpec


def hunyuan_v1_dense(c: Config, head: str | None = None) -> ModelSpec:
    """HunYuanDenseV1ForCausalLM (transformers 5.23, models/hunyuan_v1_dense)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    bias = c.bool("attention_bias")
    layers = llama_layers(
        s,
        layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window")),
        bias=bias,
        out_bias=bias,
        extra=(*norm("query_layernorm", s.head_dim), *norm("key_layernorm", s.head_dim)),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=290943, least=1),
        heads=("sequence",),
        max_context=c.int("max_position_embeddings", default=2048),
    )


def hunyuan_vl_text(c: Config, head: str | None = None) -> ModelSpec:
    """HunYuanVLTextModel: the same without a head (transformers 5.23, models/hunyuan_vl)."""
    own = {
        # The first names are aliases that win (attribute_map).
        "vocab_size": c.int("org_vocab_size", "vocab_size", default=290943, least=1),
        "head_dim": c.optional("attention_head_dim", "head_dim"),
    }
    return hunyuan_v1_dense(Config({**c.raw, **own}, c.path, c.reads), head or "base")
