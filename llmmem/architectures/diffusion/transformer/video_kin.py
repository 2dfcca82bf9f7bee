"""Allegro, Latte and transformers along time alone."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.architectures.diffusion.transformer.pixart import activation
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.parts.denoise import adaptive_single, attention, feed_forward, patches, transformer_block, two_layers
from llmmem.parts.modules import dense, layer_norm
from llmmem.tensors import ModelSpec


def allegro(c: Config, head: str | None = None) -> ModelSpec:
    """AllegroTransformer3DModel (arXiv:2410.15458; diffusers 0.42, models/transformers/transformer_allegro.py)."""
    width, cross = width_of(c, 24, 96)[2], c.int("cross_attention_dim", default=2304, least=1)
    inputs, patch = c.int("in_channels", default=4, least=1), c.int("patch_size", default=2, least=1)
    bias, affine = c.bool("attention_bias", default=True), c.bool("norm_elementwise_affine")
    block = (
        *(t for n in ("norm1", "norm2", "norm3") for t in layer_norm(n, width) if affine),
        *attention("attn1", width, width, bias=bias),
        *attention("attn2", width, width, source=cross, bias=bias),
        *feed_forward("ff", width, act=activation(c, "gelu-approximate")),
        *scalars("scale_shift_table", 6, width),
    )
    return component(
        c,
        "transformer",
        patches("pos_embed", inputs, width, patch),
        layers("transformer_blocks", c.count("num_layers", default=32), block),
        scalars("scale_shift_table", 2, width),
        dense("proj_out", width, patch * patch * c.int("out_channels", default=4, least=1)),
        adaptive_single("adaln_single", width, sizes=False),
        two_layers("caption_projection", c.int("caption_channels", default=4096, least=1), width),
        hidden=width,
    )


def latte(c: Config, head: str | None = None) -> ModelSpec:
    """LatteTransformer3DModel (arXiv:2401.03048): layers in space and along time in turn."""
    width = width_of(c, 16, 88)[2]
    inputs, patch = c.int("in_channels", least=1), c.int("patch_size", least=1)
    act, bias = activation(c, "geglu"), c.bool("attention_bias")
    norms, affine = c.str("norm_type", default="layer_norm"), c.bool("norm_elementwise_affine", default=True)
    known, count = c.optional("num_embeds_ada_norm"), c.count("num_layers", default=1)

    space = transformer_block(
        width,
        width,
        cross=c.optional("cross_attention_dim"),
        act=act,
        bias=bias,
        norms=norms,
        affine=affine,
        embeddings=known,
    )
    time = transformer_block(width, width, cross=None, act=act, bias=bias, norms=norms, affine=affine, embeddings=known)
    return component(
        c,
        "transformer",
        patches("pos_embed", inputs, width, patch),
        layers("transformer_blocks", count, space),
        layers("temporal_transformer_blocks", count, time),
        scalars("scale_shift_table", 2, width),
        dense("proj_out", width, patch * patch * outputs(c, inputs)),
        adaptive_single("adaln_single", width, sizes=False),
        two_layers("caption_projection", c.int("caption_channels", least=1), width),
        hidden=width,
    )


def transformer_temporal(c: Config, head: str | None = None) -> ModelSpec:
    """TransformerTemporalModel (diffusers 0.42, models/transformers/transformer_temporal.py)."""
    width, inputs = width_of(c, 16, 88)[2], c.int("in_channels", least=1)
    seen = c.int("num_positional_embeddings", default=0) if c.str("positional_embeddings") == "sinusoidal" else 0
    block = transformer_block(
        width,
        width,
        cross=c.optional("cross_attention_dim"),
        act=activation(c, "geglu"),
        bias=c.bool("attention_bias"),
        affine=c.bool("norm_elementwise_affine", default=True),
        double=c.bool("double_self_attention", default=True),
        sinusoids=seen,
    )
    return component(
        c,
        "transformer",
        layer_norm("norm", inputs),
        dense("proj_in", inputs, width),
        layers("transformer_blocks", c.count("num_layers", default=1), block),
        dense("proj_out", width, inputs),
        hidden=width,
    )
