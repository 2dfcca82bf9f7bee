"""DeepSeek-V2, V3 and their kin: latent attention.

Files made since the keys ``*_mla`` exist split the up-projection and cache the latent alone; older ones have
``attn_kv_b`` and keep full keys and values.
"""

from __future__ import annotations

from llmmem.architectures.gguf.dense import Raw, usual
from llmmem.architectures.gguf.metadata import Metadata


def deepseek2(m: Metadata) -> Raw:
    """DeepSeek-V2, V3, R1, Kimi K2, GLM-4.7-Flash and others."""
    rope = m.number("rope.dimension_count")
    key = m.number("attention.key_length_mla", m.number("attention.key_length"))
    return usual(
        m,
        "deepseek_v3",
        num_key_value_heads=m.number("attention.head_count"),
        q_lora_rank=m.number("attention.q_lora_rank", 0) or None,
        kv_lora_rank=m.number("attention.kv_lora_rank"),
        qk_rope_head_dim=rope,
        qk_nope_head_dim=key - rope,
        v_head_dim=m.number("attention.value_length_mla", m.number("attention.value_length")),
        first_k_dense_replace=m.number("leading_dense_block_count", 0),
        n_routed_experts=m.number("expert_count", 0),
        num_experts_per_tok=m.number("expert_used_count", 0),
        n_shared_experts=m.number("expert_shared_count", 0),
        moe_intermediate_size=m.number("expert_feed_forward_length", 0),
    )
