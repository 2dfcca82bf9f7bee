"""GPT-2: learned positions, matrices stored as (inputs, outputs)."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention, kv_cache
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join, runs


def gpt2(c: Config, head: str | None = None) -> ModelSpec:
    """GPT2LMHeadModel (transformers 5.23, models/gpt2); the general spellings win over its own (attribute_map)."""
    hidden = c.int("hidden_size", "n_embd", default=768, least=1)
    heads = c.int("num_attention_heads", "n_head", default=12, least=1)
    head_dim = divide(c, "n_embd over n_head", hidden, heads)
    intermediate = c.int("n_inner", default=4 * hidden)
    rows = c.int("max_position_embeddings", "n_positions", default=1024)
    vocab = c.int("vocab_size", default=50257, least=1)
    cross = Part(())
    if c.bool("add_cross_attention"):
        # Its keys and values are kept only where an encoder is put in front; by itself the layer is skipped.
        caches = (kv_cache("cross", heads, head_dim),) if head == "decoder" else ()
        tensors = (
            *linear("crossattention.c_attn", hidden, 2 * hidden, bias=True, cut=COLUMN, unit=head_dim, layout="io"),
            *linear("crossattention.q_attn", hidden, hidden, bias=True, cut=COLUMN, unit=head_dim, layout="io"),
            *linear("crossattention.c_proj", hidden, hidden, bias=True, cut=ROW, unit=head_dim, layout="io"),
            *norm("ln_cross_attn", hidden, bias=True),
        )
        cross = Part(tensors, caches)
    names = ("attn.c_attn", "attn.c_proj")
    attends = fused_attention(names, hidden, heads, heads, head_dim, bias=True, layout="io", rotary=False)
    feed = mlp(
        ("mlp.c_fc", "mlp.c_proj"),
        hidden,
        intermediate,
        layout="io",
        act=c.str("activation_function", default="gelu_new"),
    )
    # Tokens, positions and their sum stay alive; the attention's output does beside the residual and its norm.
    layer = join(
        norm("ln_1", hidden, bias=True),
        runs(attends, held=4, common=1, scores=(2, 0)),
        norm("ln_2", hidden, bias=True),
        cross,
        runs(feed, held=6, common=1),
    )
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "n_layer", default=12), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("wte", vocab, hidden), *positions("wpe", rows, hidden)),
        final=norm("ln_f", hidden, bias=True),
        base="transformer.",
        tied=True,
        token_head="classifier",
        max_context=rows,
    )
