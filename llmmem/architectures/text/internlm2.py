"""InternLM2: q, k and v in one matrix, grouped by key head, and OpenAI's older names elsewhere."""

from __future__ import annotations

from llmmem.architectures.base import head_of, language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, linear, norm
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import Block, ModelSpec, join


def internlm2(c: Config, head: str | None = None) -> ModelSpec:
    """InternLM2ForCausalLM (arXiv:2403.17297; code that comes with internlm/internlm2-7b).

    Reproduces the 7,737,708,544 parameters of internlm2-chat-7b.
    """
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias = c.bool("bias", default=True)
    layer = join(
        fused_attention(("attention.wqkv", "attention.wo"), hidden, heads, kv_heads, head_dim, bias=bias),
        gated_mlp("feed_forward", hidden, c.int("intermediate_size", default=11008), names=("w1", "w3", "w2")),
        norm("attention_norm", hidden),
        norm("ffn_norm", hidden),
    )
    vocab = c.int("vocab_size", default=103168, least=1)
    kind = head_of(c, head)
    spec = language_model(
        c,
        "base" if kind == "reward" else kind,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("tok_embeddings", vocab, hidden),
        head_name="output",
        max_context=c.int("max_position_embeddings", default=2048),
    )
    if kind != "reward":
        return spec
    # InternLM2ForRewardModel: one score for the whole text.
    score = Block("language", "", linear("v_head", hidden, 1, role="head"))
    return spec._replace(blocks=(*spec.placed("model."), score))
