"""PixArt and DiT."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, unknown, width_of
from llmmem.config import Config
from llmmem.parts.basic import scalars
from llmmem.parts.denoise import GATED, PLAIN, adaptive_single, patches, transformer_block, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec

BOXES = ("gated", "gated-text-image")


def activation(c: Config, default: str) -> str:
    """activation_fn of the feed-forwards.

    Raises:
        UnsupportedArchitectureError: one without a description.
    """
    act = c.str("activation_fn", default=default)
    if act not in (*GATED, *PLAIN):
        raise unknown(c, "activation_fn", act, (*GATED, *PLAIN))
    return act


def pixart(c: Config, head: str | None = None) -> ModelSpec:
    """PixArtTransformer2DModel (arXiv:2310.00426, arXiv:2403.04692)."""
    _, _, width = width_of(c, 16, 72)
    inputs, patch = c.int("in_channels", default=4, least=1), c.int("patch_size", default=2, least=1)
    block = transformer_block(
        width,
        width,
        cross=c.optional("cross_attention_dim", default=1152),
        act=activation(c, "gelu-approximate"),
        bias=c.bool("attention_bias", default=True),
        norms="ada_norm_single",
        affine=c.bool("norm_elementwise_affine"),
        gated=c.str("attention_type", default="default") in BOXES,
    )
    # Weights for 1024 pixels know resolution and aspect ratio.
    sizes = c.bool("use_additional_conditions", default=c.int("sample_size", default=128) == 128)
    caption = c.optional("caption_channels")
    return component(
        c,
        "transformer",
        patches("pos_embed", inputs, width, patch),
        layers("transformer_blocks", c.count("num_layers", default=28), block),
        scalars("scale_shift_table", 2, width),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 8)),
        adaptive_single("adaln_single", width, sizes=sizes),
        () if caption is None else two_layers("caption_projection", caption, width),
        hidden=width,
    )


def dit(c: Config, head: str | None = None) -> ModelSpec:
    """DiTTransformer2DModel (arXiv:2212.09748)."""
    _, _, width = width_of(c, 16, 72)
    inputs, patch = c.int("in_channels", default=4, least=1), c.int("patch_size", default=2, least=1)
    kind = c.str("norm_type", default="ada_norm_zero")
    if kind != "ada_norm_zero":
        raise unknown(c, "norm_type", kind, ("ada_norm_zero",))
    block = transformer_block(
        width,
        width,
        cross=None,
        act=activation(c, "gelu-approximate"),
        bias=c.bool("attention_bias", default=True),
        norms=kind,
        affine=c.bool("norm_elementwise_affine"),
        embeddings=c.int("num_embeds_ada_norm", default=1000),
    )
    return component(
        c,
        "transformer",
        patches("pos_embed", inputs, width, patch),
        layers("transformer_blocks", c.count("num_layers", default=28), block),
        dense("proj_out_1", width, 2 * width),
        dense("proj_out_2", width, patch * patch * outputs(c, inputs)),
        hidden=width,
    )
