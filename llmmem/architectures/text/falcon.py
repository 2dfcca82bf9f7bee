"""Falcon: one key/value head for all (7B) or one per group (40B, 180B), attention and MLP side by side."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention, kv_cache
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join, runs


def _flag(c: Config, name: str, default: bool) -> bool:
    """A flag whose class default holds only where it is missing: null is no."""
    return c.bool(name, default=default and not c.has(name))


def falcon(c: Config, head: str | None = None) -> ModelSpec:
    """FalconForCausalLM (arXiv:2311.16867; transformers 5.23, models/falcon)."""
    hidden = c.int("n_embed", "hidden_size", default=4544, least=1)
    heads = c.int("num_attention_heads", default=71, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    groups = c.int("num_kv_heads", default=heads, least=1)
    grouped = _flag(c, "new_decoder_architecture", False)
    multi_query = _flag(c, "multi_query", True) and not grouped
    kv_heads = groups if grouped else 1 if multi_query else heads
    intermediate = c.int("ffn_hidden_size", default=4 * hidden)
    bias = _flag(c, "bias", False)
    norms = c.optional("num_ln_in_parallel_attn")
    if norms is None and grouped:
        norms = 2
    names = ["ln_attn", "ln_mlp"] if norms == 2 else ["input_layernorm"]
    if not _flag(c, "parallel_attn", True):
        names = ["input_layernorm", "post_attention_layernorm"]
    attends = fused_attention(
        ("self_attention.query_key_value", "self_attention.dense"),
        hidden,
        heads,
        kv_heads,
        head_dim,
        bias=bias,
        biased=_flag(c, "alibi", False),
    )
    # The softmax keeps the compute dtype.
    attends = runs(attends, scores=(3, 0), keeps=True, masked=True)
    if multi_query and heads > 1:
        # The one head is broadcast, not repeated.
        attends = runs(attends, math=True, beside=(2 - heads) * head_dim)
    if grouped:
        # transformers 5.23 repeats keys and values to every head before it caches them.
        attends = attends._replace(caches=(kv_cache("full", heads, head_dim),))
    feed = mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, intermediate, bias=bias)
    layer = join(
        *(norm(name, hidden, bias=True) for name in names),
        attends,
        # Two norms leave one input each to attention and MLP.
        runs(feed, keeps=True, held=5 if len(names) == 2 else 4),
    )
    vocab = c.int("vocab_size", default=65024, least=1)
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("word_embeddings", vocab, hidden),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        tied=True,
        token_head="classifier",
        max_context=c.int("max_position_embeddings", default=2048),
    )
