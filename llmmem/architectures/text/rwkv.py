"""RWKV-4."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, language_model
from llmmem.config import Config
from llmmem.parts.basic import embedding, norm
from llmmem.parts.rwkv import channel_mixing, time_mixing
from llmmem.tensors import ModelSpec, Part, join


def rwkv(c: Config, head: str | None = None) -> ModelSpec:
    """RwkvForCausalLM (transformers 5.23, models/rwkv)."""
    hidden = c.int("hidden_size", default=4096)
    inner = c.int("attention_hidden_size", default=hidden)
    intermediate = c.int("intermediate_size", default=4 * hidden)

    def layer(first: bool) -> Part:
        return join(
            norm("pre_ln", hidden, bias=True) if first else (),
            norm("ln1", hidden, bias=True),
            norm("ln2", hidden, bias=True),
            time_mixing("attention", hidden, inner),
            channel_mixing("feed_forward", hidden, intermediate),
        )

    vocab = c.int("vocab_size", default=50277)
    kinds = [i == 0 for i in range(c.count("num_hidden_layers", default=32))]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "blocks.{}.", kinds, layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("ln_out", hidden, bias=True),
        base="rwkv.",
        head_name="head",
        # What it was trained on and what the kernel takes at once; as a recurrent network it has no limit.
        max_context=c.int("max_position_embeddings", "context_length", default=1024),
    )
