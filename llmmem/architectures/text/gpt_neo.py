"""GPT-Neo: every other layer looks at a window only, but remembers everything."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join, runs


def gpt_neo(c: Config, head: str | None = None) -> ModelSpec:
    """GPTNeoForCausalLM (transformers 5.23, models/gpt_neo), whose attention has no fused kernel."""
    hidden = c.int("hidden_size", default=2048, least=1)
    heads = c.int("num_attention_heads", "num_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_heads", hidden, heads)
    rows = c.int("max_position_embeddings", default=2048)
    vocab = c.int("vocab_size", default=50257, least=1)
    names = ("q_proj", "k_proj", "v_proj", "out_proj")
    attends = attention(
        "attn.attention", hidden, heads, heads, head_dim, names=names, out_bias=True, biased=True, rotary=False
    )
    feed = mlp(
        ("mlp.c_fc", "mlp.c_proj"),
        hidden,
        c.int("intermediate_size", default=4 * hidden),
        act=c.str("activation_function", default="gelu_new"),
    )
    layer = join(
        norm("ln_1", hidden, bias=True),
        # Local layers mask what lies outside their window; transformers 5.23 caches it all the same.
        # Tokens and positions stay alive; q and k are copied to fp32, and so are the scores.
        runs(attends, held=4, common=1, beside=4 * hidden, scores=(0, 2), keeps=True),
        norm("ln_2", hidden, bias=True),
        runs(feed, held=6, common=1, keeps=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "num_layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("wte", vocab, hidden), *positions("wpe", rows, hidden)),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        tied=True,
        token_head="classifier",
        max_context=rows,
    )
