"""GPT-NeoX and Pythia: q, k, v in one matrix, attention and MLP side by side."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join


def gpt_neox(c: Config, head: str | None = None) -> ModelSpec:
    """GPTNeoXForCausalLM (arXiv:2204.06745; transformers 5.23, models/gpt_neox)."""
    hidden = c.int("hidden_size", default=6144, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = c.int("intermediate_size", default=24576)
    vocab = c.int("vocab_size", default=50432, least=1)
    names = ("attention.query_key_value", "attention.dense")
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        norm("post_attention_layernorm", hidden, bias=True),
        fused_attention(names, hidden, heads, heads, head_dim, bias=c.bool("attention_bias", default=True)),
        mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, intermediate),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=44), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_in", vocab, hidden),
        final=norm("final_layer_norm", hidden, bias=True),
        base="gpt_neox.",
        head_name="embed_out",
        token_head="classifier",
        max_context=c.int("max_position_embeddings", default=2048),
    )
