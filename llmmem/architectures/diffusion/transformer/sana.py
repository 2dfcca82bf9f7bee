"""Sana."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, qk_kind, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm, scalars
from llmmem.parts.denoise import adaptive_single, attention, modulation, norms_of, patches, timestep, two_layers
from llmmem.parts.modules import dense, layer_norm
from llmmem.parts.sana import gated_conv
from llmmem.tensors import ModelSpec


def block(c: Config) -> Tensors:
    """SanaTransformerBlock: linear attention, cross attention, gated convolutions."""
    _, one, width = width_of(c, 70, 32)
    kind = qk_kind(c, None)
    many = c.int("num_cross_attention_heads", default=20, least=1)
    side = c.int("cross_attention_head_dim", default=112, least=1)
    cross = c.optional("cross_attention_dim", default=2240)
    inner = many * side
    second = (
        ()
        if cross is None
        else attention("attn2", width, inner, source=cross, bias=True, extra=norms_of(kind, side, inner))
    )
    affine = cross is not None and c.bool("norm_elementwise_affine")
    return (
        *attention("attn1", width, width, bias=c.bool("attention_bias"), extra=norms_of(kind, one, width)),
        *(layer_norm("norm2", width) if affine else ()),
        *second,
        *gated_conv("ff", width, int(c.number("mlp_ratio", default=2.5) * width), width),
        *scalars("scale_shift_table", 6, width),
    )


def stem(c: Config, width: int) -> tuple[Tensors, ...]:
    """Patches, timestep (and guidance, where it was distilled), caption."""
    inputs, patch = c.int("in_channels", default=32, least=1), c.int("patch_size", default=1, least=1)
    guided = (
        *timestep("time_embed.timestep_embedder", width),
        *timestep("time_embed.guidance_embedder", width),
        *modulation("time_embed", width, 6),
    )
    return (
        patches("patch_embed", inputs, width, patch),
        guided if c.bool("guidance_embeds") else adaptive_single("time_embed", width, sizes=False),
        two_layers("caption_projection", c.int("caption_channels", default=2304, least=1), width),
        norm("caption_norm", width),
    )


def sana(c: Config, head: str | None = None) -> ModelSpec:
    """SanaTransformer2DModel (arXiv:2410.10629; diffusers 0.42, models/transformers/sana_transformer.py)."""
    _, _, width = width_of(c, 70, 32)
    inputs, patch = c.int("in_channels", default=32, least=1), c.int("patch_size", default=1, least=1)
    return component(
        c,
        "transformer",
        *stem(c, width),
        layers("transformer_blocks", c.count("num_layers", default=20), block(c)),
        scalars("scale_shift_table", 2, width),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 32)),
        hidden=width,
    )
