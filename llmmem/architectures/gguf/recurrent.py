"""State-space models, linear attention, and hybrids of them with attention."""

from __future__ import annotations

from llmmem.architectures.gguf.dense import Raw, usual
from llmmem.architectures.gguf.metadata import Metadata


def mamba(m: Metadata) -> Raw:
    """Mamba and Falcon-Mamba."""
    return {
        "model_type": "mamba",
        "hidden_size": m.number("embedding_length"),
        "num_hidden_layers": m.layers,
        "vocab_size": m.vocabulary,
        "intermediate_size": m.number("ssm.inner_size"),
        "state_size": m.number("ssm.state_size"),
        "time_step_rank": m.number("ssm.time_step_rank"),
        "conv_kernel": m.number("ssm.conv_kernel"),
        "tie_word_embeddings": not m.has("output.weight"),
    }


def qwen3next(m: Metadata) -> Raw:
    """Qwen3-Next: gated delta networks with attention in every fourth layer."""
    return usual(m, "qwen3_next", **_delta(m), **_experts(m))


def _delta(m: Metadata) -> Raw:
    heads, size = m.number("ssm.time_step_rank"), m.number("ssm.state_size")
    return {
        "linear_num_key_heads": m.number("ssm.group_count"),
        "linear_num_value_heads": heads,
        "linear_key_head_dim": size,
        "linear_value_head_dim": m.number("ssm.inner_size") // max(heads, 1),
        "linear_conv_kernel_dim": m.number("ssm.conv_kernel"),
        "full_attention_interval": m.number("full_attention_interval", 4),
    }


def _experts(m: Metadata) -> Raw:
    return {
        "num_experts": m.number("expert_count"),
        "num_experts_per_tok": m.number("expert_used_count"),
        "moe_intermediate_size": m.number("expert_feed_forward_length"),
        "shared_expert_intermediate_size": m.number("expert_shared_feed_forward_length", 0),
    }
