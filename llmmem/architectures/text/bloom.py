"""BLOOM: ALiBi instead of positions, a norm on the embeddings."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join, runs


def bloom(c: Config, head: str | None = None) -> ModelSpec:
    """BloomForCausalLM (arXiv:2211.05100; transformers 5.23, models/bloom); no limit to the context in its class."""
    hidden = c.int("n_embed", "hidden_size", default=64, least=1)
    heads = c.int("num_attention_heads", "n_head", default=8, least=1)
    head_dim = divide(c, "hidden_size over n_head", hidden, heads)
    vocab = c.int("vocab_size", default=250880, least=1)
    names = ("self_attention.query_key_value", "self_attention.dense")
    attends = fused_attention(names, hidden, heads, heads, head_dim, bias=True, biased=True, rotary=False)
    feed = mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, 4 * hidden, act="gelu_fast")
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        # ALiBi is added to the scores.
        runs(attends, scores=(2, 2), keeps=True),
        norm("post_attention_layernorm", hidden, bias=True),
        runs(feed, keeps=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "n_layer", default=2), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("word_embeddings", vocab, hidden), *norm("word_embeddings_layernorm", hidden, bias=True)),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        tied=True,
        token_head="classifier",
    )
