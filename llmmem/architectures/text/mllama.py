"""The language model of Llama 3.2 Vision: Llama's layers, and layers that read pictures instead of text."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config
from llmmem.parts.attention import attention, qk_norm
from llmmem.parts.basic import embedding, norm, scalars
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join

#: rows of the table that have no output: the special tokens for pictures
EXTRA = 8


def mllama_text_model(c: Config, head: str | None = None) -> ModelSpec:
    """MllamaForCausalLM (arXiv:2407.21783; transformers 5.23, models/mllama)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=32, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    head_dim = hidden // heads
    intermediate = c.int("intermediate_size", default=14336)

    def layer(reads: bool) -> Part:
        if reads:
            # The keys and values of the pictures are kept, not those of the text.
            attend = attention("cross_attn", hidden, heads, kv_heads, head_dim, extra=qk_norm(head_dim), cache="image")
            gates = (*scalars("cross_attn_attn_gate", 1), *scalars("cross_attn_mlp_gate", 1))
        else:
            attend, gates = attention("self_attn", hidden, heads, kv_heads, head_dim), ()
        return join(
            gates,
            norm("input_layernorm", hidden),
            attend,
            norm("post_attention_layernorm", hidden),
            gated_mlp("mlp", hidden, intermediate),
        )

    crossing = c.ints("cross_attention_layers")
    reading = frozenset((3, 8, 13, 18, 23, 28, 33, 38) if crossing is None else crossing)
    kinds = [i in reading for i in range(c.count("num_hidden_layers", default=40))]
    vocab = c.int("vocab_size", default=128256, least=1)
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embed_tokens", vocab + EXTRA, hidden),
        tied=None,
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
