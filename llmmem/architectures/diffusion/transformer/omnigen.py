"""OmniGen: a language model whose tokens are also patches."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers
from llmmem.config import Config, divide
from llmmem.parts.basic import buffer, embedding, norm
from llmmem.parts.denoise import attention, modulation, two_layers
from llmmem.parts.modules import conv2d, dense
from llmmem.tensors import ModelSpec


def omnigen(c: Config, head: str | None = None) -> ModelSpec:
    """OmniGenTransformer2DModel (arXiv:2409.11340; diffusers 0.42, models/transformers/transformer_omnigen.py)."""
    width, many = c.int("hidden_size", default=3072, least=1), c.int("num_attention_heads", default=32, least=1)
    one = divide(c, "hidden_size over num_attention_heads", width, many)
    kv, wide = c.int("num_key_value_heads", default=32, null=many), c.int("intermediate_size", default=8192, least=1)
    inputs, patch = c.int("in_channels", default=4, least=1), c.int("patch_size", default=2, least=1)
    side, waves = c.int("pos_embed_max_size", default=192, least=1), c.int("time_step_dim", default=256, least=1)
    block = (
        *norm("input_layernorm", width),
        *attention("self_attn", width, width, kv=kv * one, out_bias=False),
        *norm("post_attention_layernorm", width),
        *dense("mlp.gate_up_proj", width, 2 * wide, False),
        *dense("mlp.down_proj", wide, width, False),
    )
    return component(
        c,
        "transformer",
        conv2d("patch_embedding.output_image_proj", inputs, width, patch),
        conv2d("patch_embedding.input_image_proj", inputs, width, patch),
        buffer("patch_embedding.pos_embed", 1, side * side, width),
        two_layers("time_token", waves, width),
        two_layers("t_embedder", waves, width),
        embedding("embed_tokens", c.int("vocab_size", default=32064, least=1), width),
        layers("layers", c.count("num_layers", default=32), block),
        norm("norm", width),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * inputs),
        hidden=width,
    )
