"""GPTBigCode (SantaCoder, StarCoder): GPT-2 with one key/value head for all."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import fused_attention, kv_cache
from llmmem.parts.basic import COLUMN, ROW, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, join, runs


def gpt_bigcode(c: Config, head: str | None = None) -> ModelSpec:
    """GPTBigCodeForCausalLM (arXiv:2301.03988; transformers 5.23, models/gpt_bigcode); general spellings win."""
    hidden = c.int("hidden_size", "n_embd", default=768, least=1)
    heads = c.int("num_attention_heads", "n_head", default=12, least=1)
    head_dim = divide(c, "n_embd over n_head", hidden, heads)
    kv_heads = 1 if c.bool("multi_query", default=True) else heads
    intermediate = c.int("n_inner", default=4 * hidden)
    rows = c.int("max_position_embeddings", "n_positions", default=1024)
    vocab = c.int("vocab_size", default=50257, least=1)
    cross = Part(())
    if c.bool("add_cross_attention"):
        if kv_heads < heads:
            raise ConfigError(
                "add_cross_attention needs multi_query to be false: transformers has no cross attention with one key.",
                "Check the config.json.",
            )
        # Its keys and values are kept only where an encoder is put in front; by itself the layer is skipped.
        caches = (kv_cache("cross", heads, head_dim),) if head == "decoder" else ()
        tensors = (
            *linear("crossattention.c_attn", hidden, 2 * hidden, bias=True, cut=COLUMN, unit=head_dim),
            *linear("crossattention.q_attn", hidden, hidden, bias=True, cut=COLUMN, unit=head_dim),
            *linear("crossattention.c_proj", hidden, hidden, bias=True, cut=ROW, unit=head_dim),
            *norm("ln_cross_attn", hidden, bias=True),
        )
        cross = Part(tensors, caches)
    attends = fused_attention(
        ("attn.c_attn", "attn.c_proj"), hidden, heads, kv_heads, head_dim, bias=True, rotary=False
    )
    if kv_heads < heads:
        attends = runs(attends, beside=(2 - 2 * heads) * head_dim)  # the one head is broadcast, not repeated
    layer = join(
        norm("ln_1", hidden, bias=True),
        runs(attends, held=4),  # tokens, positions, their sum and its norm
        norm("ln_2", hidden, bias=True),
        cross,
        # The attention's output stays alive beside the residual and its norm.
        runs(mlp(("mlp.c_fc", "mlp.c_proj"), hidden, intermediate), held=6),
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
        heads=("sequence", "token"),
        token_head="classifier",
        max_context=rows,
    )
