"""CogView 3 Plus, CogView 4 and GLM-Image: one stream of text and picture with modulations of their own."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding
from llmmem.parts.denoise import attention, feed_forward, modulation, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def _model(c: Config, waves: int, sizes: int, *stem: Tensors) -> ModelSpec:
    """The frame.

    Args:
        waves: width of the timestep's sinusoids; ``sizes``: how many numbers about sizes it is told.
    """
    width, time = width_of(c, 64, 40)[2], c.int("time_embed_dim", default=512, least=1)
    patch, seen = c.int("patch_size", default=2, least=1), c.int("condition_dim", default=256, least=1)
    block = (
        *modulation("norm1", width, 12, time),
        *attention("attn1", width, width, bias=True),  # its norms over queries and keys have no weights
        *feed_forward("ff", width),
    )
    return component(
        c,
        "transformer",
        *stem,
        two_layers("time_condition_embed.timestep_embedder", waves, time),
        two_layers("time_condition_embed.condition_embedder", sizes * seen, time),
        layers("transformer_blocks", c.count("num_layers", default=30), block),
        modulation("norm_out", width, 2, time),
        dense("proj_out", width, patch * patch * c.int("out_channels", default=16, least=1)),
        hidden=width,
    )


def cogview(c: Config, head: str | None = None) -> ModelSpec:
    """CogView3PlusTransformer2DModel and CogView4Transformer2DModel, which differ in no weight (arXiv:2403.05121)."""
    width, text = width_of(c, 64, 40)[2], c.int("text_embed_dim", default=4096, least=1)
    size = c.int("in_channels", default=16, least=1) * c.int("patch_size", default=2, least=1) ** 2
    stem = (*dense("patch_embed.proj", size, width), *dense("patch_embed.text_proj", text, width))
    return _model(c, width, 6, stem)


def glm_image(c: Config, head: str | None = None) -> ModelSpec:
    """GlmImageTransformer2DModel (diffusers 0.42, models/transformers/transformer_glm_image.py)."""
    width, text = width_of(c, 64, 40)[2], c.int("text_embed_dim", default=1472, least=1)
    size = c.int("in_channels", default=16, least=1) * c.int("patch_size", default=2, least=1) ** 2
    codes = c.int("prior_vq_quantizer_codebook_size", default=16384, least=1)
    stem = (
        *dense("image_projector.proj", size, width),
        *feed_forward("glyph_projector", text, inner=width, out=width, act="gelu"),
        *embedding("prior_token_embedding", codes, width),
        *feed_forward("prior_projector", width, inner=width, act="linear-silu"),
    )
    return _model(c, c.int("time_embed_dim", default=512, least=1), 4, stem)
