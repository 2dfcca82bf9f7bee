"""Sana for videos."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, outputs, qk_kind, width_of
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import adaptive_single, attention, modulation, norms_of, timestep, two_layers
from llmmem.parts.modules import conv3d, dense, layer_norm
from llmmem.parts.sana import gated_conv
from llmmem.tensors import ModelSpec


def sana_video(c: Config, head: str | None = None) -> ModelSpec:
    """SanaVideoTransformer3DModel (arXiv:2509.24695; diffusers 0.42, transformers/transformer_sana_video.py)."""
    _, one, width = width_of(c, 20, 112)
    kind, side = qk_kind(c, "rms_norm_across_heads"), c.int("cross_attention_head_dim", default=112, least=1)
    inner = side * c.int("num_cross_attention_heads", default=20, least=1)
    inputs, patch = c.int("in_channels", default=16, least=1), triple(c, "patch_size", (1, 2, 2))
    cross = c.optional("cross_attention_dim", default=2240)
    second: Tensors = ()
    if cross is not None:
        second = (
            *(layer_norm("norm2", width) if c.bool("norm_elementwise_affine") else ()),
            *attention("attn2", width, inner, source=cross, bias=True, extra=norms_of(kind, side, inner)),
        )
    block = (
        *attention("attn1", width, width, bias=c.bool("attention_bias"), extra=norms_of(kind, one, width)),
        *second,
        *gated_conv("ff", width, int(c.number("mlp_ratio", default=2.5) * width), width, time=3),
        *scalars("scale_shift_table", 6, width),
    )
    guided = (
        *timestep("time_embed.timestep_embedder", width),
        *timestep("time_embed.guidance_embedder", width),
        *modulation("time_embed", width, 6),
    )
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, patch),
        guided if c.bool("guidance_embeds") else adaptive_single("time_embed", width, sizes=False),
        two_layers("caption_projection", c.int("caption_channels", default=2304, least=1), width),
        norm("caption_norm", width),
        layers("transformer_blocks", c.count("num_layers", default=20), block),
        scalars("scale_shift_table", 2, width),
        dense("proj_out", width, prod(patch) * outputs(c, inputs, 16)),
        hidden=width,
    )
