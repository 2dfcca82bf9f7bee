"""Falcon as first published: RefinedWeb (40B), grouped key heads, and RefinedWebModel (7B, RW-1B), one or all."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention, kv_cache
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join

#: the head is the table of embeddings, yet the files hold it twice
_NOTE = "published files store lm_head.weight although it is tied to the embeddings"


def _model(c: Config, head: str | None, kv_heads: int, norms: tuple[str, ...], *, repeated: bool) -> ModelSpec:
    """Both formats; the numbers are the defaults of RWConfig.

    Args:
        repeated: keys and values are repeated to every head before they are cached.
    """
    hidden = c.int("hidden_size", "n_embed", default=64, least=1)
    heads = c.int("n_head", "num_attention_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over n_head", hidden, heads)
    bias = c.bool("bias")
    attends = fused_attention(
        ("self_attention.query_key_value", "self_attention.dense"),
        hidden,
        heads,
        kv_heads,
        head_dim,
        bias=bias,
        biased=c.bool("alibi"),
    )
    if repeated:
        attends = attends._replace(caches=(kv_cache("full", heads, head_dim),))
    layer = join(
        *(norm(name, hidden, bias=True) for name in norms),
        attends,
        mlp(("mlp.dense_h_to_4h", "mlp.dense_4h_to_h"), hidden, 4 * hidden, bias=bias),
    )
    vocab = c.int("vocab_size", default=250880, least=1)
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("n_layer", "num_hidden_layers", default=2), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("word_embeddings", vocab, hidden),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        tied=True,
        heads=("sequence", "token"),
        token_head="classifier",
        notes=(_NOTE,),
    )


def refined_web(c: Config, head: str | None = None) -> ModelSpec:
    """RWForCausalLM of tiiuae/falcon-40b (arXiv:2311.16867; code that came with it).

    Reproduces 83,671,941,120 stored bytes with the head stored twice, 41,303,293,952 parameters without.
    """
    heads = c.int("n_head", "num_attention_heads", default=8, least=1)
    kv_heads = c.int("n_head_kv", default=heads, least=1)
    return _model(c, head, kv_heads, ("ln_attn", "ln_mlp"), repeated=True)


def refined_web_model(c: Config, head: str | None = None) -> ModelSpec:
    """RWForCausalLM of tiiuae/falcon-7b and falcon-rw-1b (arXiv:2306.01116; code that came with them).

    Reproduces 6,921,720,704 parameters of falcon-7b.
    """
    heads = c.int("n_head", "num_attention_heads", default=8, least=1)
    norms = ("input_layernorm",) if c.bool("parallel_attn") else ("input_layernorm", "post_attention_layernorm")
    return _model(c, head, 1 if c.bool("multi_query") else heads, norms, repeated=False)
