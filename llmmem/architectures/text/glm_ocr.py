"""GLM-OCR's language model."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.architectures.text.decoder import sizes
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import fused_gated_mlp
from llmmem.tensors import ModelSpec, join


def glm_ocr_text(c: Config, head: str | None = None) -> ModelSpec:
    """GlmOcrTextModel: GLM-4's layers without biases, and no head (transformers 5.23, models/glm_ocr)."""
    s = sizes(c, hidden=1024, heads=16, kv_heads=8, intermediate=4096)
    layer = join(
        norm("input_layernorm", s.hidden),
        attention("self_attn", s.hidden, s.heads, s.kv_heads, s.head_dim),
        norm("post_self_attn_layernorm", s.hidden),
        norm("post_attention_layernorm", s.hidden),
        fused_gated_mlp("mlp", s.hidden, s.intermediate, names=("gate_up_proj", "down_proj")),
        norm("post_mlp_layernorm", s.hidden),
    )
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=16), layer),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=59392, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        default_head="base",
    )
