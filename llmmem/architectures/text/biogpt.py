"""BioGPT: fairseq's decoder alone, learned positions with two rows to spare."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import embedding, norm, positions
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, join


def biogpt(c: Config, head: str | None = None) -> ModelSpec:
    """BioGptForCausalLM (arXiv:2210.10341; transformers 5.23, models/biogpt)."""
    hidden = c.int("hidden_size", default=1024, least=1)
    heads = c.int("num_attention_heads", default=16, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    rows = c.int("max_position_embeddings", default=1024)
    vocab = c.int("vocab_size", default=42384, least=1)
    layer = join(
        attention("self_attn", hidden, heads, heads, head_dim, names=FAIRSEQ_QKVO, bias=True, out_bias=True),
        norm("self_attn_layer_norm", hidden, bias=True),
        mlp(("fc1", "fc2"), hidden, c.int("intermediate_size", default=4096)),
        norm("final_layer_norm", hidden, bias=True),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=24), layer),
        hidden=hidden,
        vocab=vocab,
        stem=(*embedding("embed_tokens", vocab, hidden), *positions("embed_positions", rows + 2, hidden)),
        final=norm("layer_norm", hidden, bias=True),
        base="biogpt.",
        tied=True,
        head_name="output_projection",
        heads=("sequence", "token"),
        token_head="classifier",
        max_context=rows,
    )
