"""Baichuan 1 and 2: q, k and v in one matrix; rotary positions in the 7B, ALiBi in the 13B."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join


def baichuan(c: Config, head: str | None = None) -> ModelSpec:
    """One of the two sizes: only the 7B, whose positions are rotary, states max_position_embeddings."""
    if not c.has("max_position_embeddings") and c.has("model_max_length"):
        context = c.int("model_max_length", default=4096)
        return _baichuan(c, head, hidden=5120, heads=40, intermediate=13696, layers=40, context=context, alibi=True)
    context = c.int("max_position_embeddings", default=4096)
    return _baichuan(c, head, hidden=4096, heads=32, intermediate=11008, layers=32, context=context, alibi=False)


def _baichuan(
    c: Config,
    head: str | None,
    *,
    hidden: int,
    heads: int,
    intermediate: int,
    layers: int,
    context: int,
    alibi: bool,
) -> ModelSpec:
    """BaichuanForCausalLM (arXiv:2309.10305; code that comes with baichuan-inc/Baichuan2-7B-Chat and 13B-Chat).

    Reproduces the 27,793,336,320 stored bytes of Baichuan2-13B-Chat. The numbers are the class defaults of the size.
    """
    hidden = c.int("hidden_size", default=hidden, least=1)
    heads = c.int("num_attention_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    layer = join(
        norm("input_layernorm", hidden),
        fused_attention(
            ("self_attn.W_pack", "self_attn.o_proj"), hidden, heads, heads, head_dim, bias=False, biased=alibi
        ),
        norm("post_attention_layernorm", hidden),
        gated_mlp("mlp", hidden, c.int("intermediate_size", default=intermediate)),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=layers), layer),
        hidden=hidden,
        # Baichuan 2 has the same classes with 125,696.
        vocab=c.int("vocab_size", default=64000, least=1),
        heads=(),
        max_context=context,
    )
