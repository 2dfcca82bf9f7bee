"""HunyuanVideo 1.5 and FramePack."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, qk_kind, width_of
from llmmem.architectures.diffusion.transformer.hunyuan_video import double_block, model, token_refiner
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding
from llmmem.parts.denoise import modulation, timestep
from llmmem.parts.modules import conv3d, dense, layer_norm, under
from llmmem.tensors import ModelSpec

#: hidden width of the projection of glyphs (byT5)
_GLYPHS = 2048


def second_text(inputs: int, width: int) -> Tensors:
    """A second text encoder's features: glyphs to be written."""
    return under(
        "context_embedder_2",
        layer_norm("norm", inputs),
        dense("linear_1", inputs, _GLYPHS),
        dense("linear_2", _GLYPHS, _GLYPHS),
        dense("linear_3", _GLYPHS, width),
    )


def picture_embedder(inputs: int, width: int) -> Tensors:
    """A picture's features."""
    return under(
        "image_embedder",
        layer_norm("norm_in", inputs),
        dense("linear_1", inputs, inputs),
        dense("linear_2", inputs, width),
        layer_norm("norm_out", width),
    )


def framepack(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanVideoFramepackTransformer3DModel (arXiv:2504.12626): earlier frames come in coarser patches."""
    width, inputs = width_of(c, 24, 128)[2], c.int("in_channels", default=16, least=1)
    seen = c.int("image_proj_dim", default=1152, least=1)
    more: list[Tensors] = []
    if c.bool("has_clean_x_embedder"):
        for name, times in (("proj", 1), ("proj_2x", 2), ("proj_4x", 4)):
            more.append(conv3d(f"clean_x_embedder.{name}", inputs, width, (times, 2 * times, 2 * times)))
    if c.bool("has_image_proj"):
        more.append(under("image_projection", dense("up", seen, 3 * width), dense("down", 3 * width, width)))
    return model(c, *more)


def hunyuan_video15(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanVideo15Transformer3DModel (diffusers 0.42, models/transformers/transformer_hunyuan_video15.py)."""
    _, one, width = width_of(c, 16, 128)
    inputs, kind = c.int("in_channels", default=65, least=1), qk_kind(c, "rms_norm")
    side, frames = c.int("patch_size", default=1, least=1), c.int("patch_size_t", default=1, least=1)
    inner = int(width * c.number("mlp_ratio", default=4.0))
    text = c.int("text_embed_dim", default=3584, least=1)
    return component(
        c,
        "transformer",
        conv3d("x_embedder.proj", inputs, width, (frames, side, side)),
        picture_embedder(c.int("image_embed_dim", default=1152, least=1), width),
        token_refiner("context_embedder", text, width, c.count("num_refiner_layers", default=2)),
        second_text(c.int("text_embed_2_dim", default=1472, least=1), width),
        timestep("time_embed.timestep_embedder", width),
        timestep("time_embed.timestep_embedder_r", width) if c.bool("use_meanflow") else (),
        embedding("cond_type_embed", 3, width),
        layers("transformer_blocks", c.count("num_layers", default=54), double_block(width, one, inner, kind)),
        modulation("norm_out", width, 2),
        dense("proj_out", width, frames * side * side * outputs(c, inputs, 32)),
        hidden=width,
    )
