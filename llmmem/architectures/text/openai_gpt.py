"""The first GPT: learned positions, norms after attention and MLP, no cache of keys and values."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join


def openai_gpt(c: Config, head: str | None = None) -> ModelSpec:
    """OpenAIGPTLMHeadModel (transformers 5.23, models/openai); the general spellings win (attribute_map)."""
    hidden = c.int("hidden_size", "n_embd", default=768, least=1)
    heads = c.int("num_attention_heads", "n_head", default=12, least=1)
    head_dim = divide(c, "n_embd over n_head", hidden, heads)
    rows = c.int("max_position_embeddings", "n_positions", default=512)
    vocab = c.int("vocab_size", default=40478, least=1)
    # The class reads the whole text again for every token, and masks the scores by tensors of their size.
    attends = fused_attention(
        ("attn.c_attn", "attn.c_proj"),
        hidden,
        heads,
        heads,
        head_dim,
        bias=True,
        layout="io",
        cache=None,
        biased=True,
    )
    layer = join(
        attends,
        norm("ln_1", hidden, bias=True),
        # Its "gelu" is the one written out in steps.
        mlp(
            ("mlp.c_fc", "mlp.c_proj"),
            hidden,
            4 * hidden,
            layout="io",
            act="gelu_new" if c.str("afn", default="gelu") == "gelu" else "relu",
        ),
        norm("ln_2", hidden, bias=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "h.{}.", c.count("num_hidden_layers", "n_layer", default=12), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("tokens_embed", vocab, hidden), *positions("positions_embed", rows, hidden)),
        final=(),
        base="transformer.",
        tied=True,
        heads=("sequence",),
        max_context=rows,
    )
