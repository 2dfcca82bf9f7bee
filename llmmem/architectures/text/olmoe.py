"""OLMoE and FlexOlmo: experts in every layer, norms over the whole of q and k."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import norm
from llmmem.parts.mlp import experts, router
from llmmem.tensors import ModelSpec, Part, join


def _experts(c: Config, s: Sizes, *, count: int, top_k: int) -> Part:
    count = c.int("num_local_experts", "num_experts", default=count, least=1)
    top_k = c.int("num_experts_per_tok", default=top_k)
    routed = experts("mlp.experts", s.hidden, s.intermediate, count, top_k)
    return join(router("mlp.gate", s.hidden, count), routed)


def olmoe(c: Config, head: str | None = None) -> ModelSpec:
    """OlmoeForCausalLM (arXiv:2409.02060; transformers 5.23, models/olmoe)."""
    s = sizes(c, hidden=2048, heads=16, intermediate=2048)
    bias = c.bool("attention_bias")
    windows = layer_windows(c, c.count("num_hidden_layers", default=16), c.optional("sliding_window"))
    # The norms are as wide as the heads would be by hidden_size, whatever head_dim says.
    norms = (*norm("q_norm", s.hidden), *norm("k_norm", s.hidden // s.heads * s.kv_heads))
    moe = _experts(c, s, count=64, top_k=8)
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=bias, out_bias=bias, extra=norms, feed_forward=moe),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=50304, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=4096),
    )


def flex_olmo(c: Config, head: str | None = None) -> ModelSpec:
    """FlexOlmoForCausalLM: the norms act on what attention and experts return (transformers 5.23, models/flex_olmo)."""
    s = sizes(c, hidden=4096, heads=32, intermediate=11008)
    bias = c.bool("attention_bias")
    windows = layer_windows(c, c.count("num_hidden_layers", default=32), c.optional("sliding_window"))
    layers = llama_layers(
        s,
        windows,
        norms=("post_attention_layernorm", "post_feedforward_layernorm"),
        bias=bias,
        out_bias=bias,
        extra=(*norm("q_norm", s.heads * s.head_dim), *norm("k_norm", s.kv_heads * s.head_dim)),
        feed_forward=_experts(c, s, count=7, top_k=5),
    )
    return language_model(
        c,
        head,
        layers,
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=100352, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=4096),
    )
