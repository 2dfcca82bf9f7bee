"""Decoders whose metadata need no more than the usual keys, with and without experts."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.gguf.metadata import Metadata

Raw = dict[str, Any]


def usual(m: Metadata, model_type: str, **more: Any) -> Raw:
    """The keys that most configs share, under the spellings most of them use."""
    hidden, heads = m.number("embedding_length"), m.number("attention.head_count")
    return {
        "model_type": model_type,
        "hidden_size": hidden,
        "num_hidden_layers": m.layers,
        "num_attention_heads": heads,
        "num_key_value_heads": m.number("attention.head_count_kv", heads),
        "head_dim": m.number("attention.key_length", hidden // max(heads, 1)),
        "intermediate_size": m.number("feed_forward_length", 0),
        "vocab_size": m.vocabulary,
        "max_position_embeddings": m.number("context_length"),
        "tie_word_embeddings": not m.has("output.weight"),
        **more,
    }


def llama(m: Metadata) -> Raw:
    """Llama, Mistral and what converts to them; with experts it is Mixtral. llama.cpp gives none of them a window."""
    if m.number("expert_count", 0):
        return usual(
            m,
            "mixtral",
            num_local_experts=m.number("expert_count"),
            num_experts_per_tok=m.number("expert_used_count"),
            sliding_window=None,
        )
    return usual(m, "llama")


def qwen3(m: Metadata) -> Raw:
    """Qwen3."""
    return usual(m, "qwen3")


def gemma3(m: Metadata) -> Raw:
    """Gemma 3: llama.cpp slides over all layers but every sixth."""
    return usual(m, "gemma3_text", sliding_window=m.number("attention.sliding_window"), sliding_window_pattern=6)


def gpt_oss(m: Metadata) -> Raw:
    """gpt-oss: every other layer has a window."""
    return usual(
        m,
        "gpt_oss",
        intermediate_size=m.number("expert_feed_forward_length"),
        num_local_experts=m.number("expert_count"),
        num_experts_per_tok=m.number("expert_used_count"),
        sliding_window=m.number("attention.sliding_window"),
    )
