"""Bytes of keys and values in a block of vLLM 0.33, by --kv-cache-dtype.

Sources: v1/kv_cache_interface.py (AttentionSpec), v1/attention/backends (customize_spec of triton_attn, flashinfer and
turboquant_attn), quantization/turboquant/config.py (slot sizes), layers/attention/mla_attention.py (the packed layouts
of sparse latent attention).
"""

from __future__ import annotations

from llmmem.dtypes import BITS

#: one head's keys and values with a scale of their own each, in fp32 -> bits of an element
PER_TOKEN_HEAD = {"fp8_per_token_head": 8, "int8_per_token_head": 8, "int4_per_token_head": 4}
#: preset -> bits of an element of a key and of a value
TURBOQUANT = {
    "turboquant_k8v4": (8, 4),
    "turboquant_4bit_nc": (4, 4),
    "turboquant_k3v4_nc": (3, 4),
    "turboquant_3bit_nc": (3, 3),
}
#: bytes of a token of latent attention in layouts of their own
LATENT = {"fp8_ds_mla": 656, "nvfp4_ds_mla": 352}


def head_bytes(kv_dtype: str, key: int, value: int) -> int:
    """Bytes of one head's key and value of one token."""
    if kv_dtype in TURBOQUANT:
        k_bits, v_bits = TURBOQUANT[kv_dtype]
        packed_key = key if k_bits == 8 else -(-key * k_bits // 8) + 2
        slot = packed_key + -(-key * v_bits // 8) + 4
        return slot + slot % 2
    if kv_dtype in PER_TOKEN_HEAD:
        per = 8 // PER_TOKEN_HEAD[kv_dtype]
        return key // per + value // per + 2 * 4
    if kv_dtype == "nvfp4":  # half a byte a value, and a byte of scale for 16
        return 2 * (key // 2 + key // 16)
    return (key + value) * BITS[kv_dtype] // 8


def latent_bytes(kv_dtype: str, width: int) -> int:
    """Bytes of one token of latent attention, ``width`` elements."""
    return LATENT.get(kv_dtype) or width * BITS[kv_dtype] // 8
