"""GPT-NeoX Japanese: no biases but one, on the attention of the last layer."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, Tensor, join


def gpt_neox_japanese(c: Config, head: str | None = None) -> ModelSpec:
    """GPTNeoXJapaneseForCausalLM (transformers 5.23, models/gpt_neox_japanese), whose attention has no fused kernel."""
    hidden = c.int("hidden_size", default=2560, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    intermediate = hidden * c.int("intermediate_multiple_size", default=4)
    vocab = c.int("vocab_size", default=32000, least=1)
    names = ("attention.query_key_value", "attention.dense")

    def layer(last: bool) -> Part:
        return join(
            norm("input_layernorm", hidden, bias=True),
            norm("post_attention_layernorm", hidden, bias=True),
            fused_attention(names, hidden, heads, heads, head_dim, biased=True),
            (Tensor("attention.dense_bias", (hidden,), "bias"),) if last else (),
            mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, intermediate, bias=False),
        )

    n = c.count("num_hidden_layers", default=32)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", [i == n - 1 for i in range(n)], layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_in", vocab, hidden),
        final=norm("final_layer_norm", hidden, bias=True),
        base="gpt_neox_japanese.",
        tied=True,
        head_name="embed_out",
        heads=(),
        max_context=c.int("max_position_embeddings", default=2048),
    )
