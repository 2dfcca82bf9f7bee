"""HunyuanVideo and FramePack."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, qk_kind, unknown, width_of
from llmmem.architectures.diffusion.transformer.flux import time_text
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention, feed_forward, joint_attention, modulation, norms_of, timestep, two_layers
from llmmem.parts.modules import conv3d, dense, each, layer_norm, under
from llmmem.tensors import ModelSpec


def token_refiner(name: str, inputs: int, width: int, count: int) -> Tensors:
    """HunyuanVideoTokenRefiner: a few layers over the text alone."""
    block = (
        *layer_norm("norm1", width),
        *attention("attn", width, width, bias=True),
        *layer_norm("norm2", width),
        *feed_forward("ff", width),
        *modulation("norm_out", width, 2),
    )
    return under(
        name,
        timestep("time_text_embed.timestep_embedder", width),
        two_layers("time_text_embed.text_embedder", inputs, width),
        dense("proj_in", inputs, width),
        each("token_refiner.refiner_blocks", count, block),
    )


def double_block(width: int, head: int, inner: int, kind: str | None) -> Tensors:
    """HunyuanVideoTransformerBlock."""
    return (
        *modulation("norm1", width, 6),
        *modulation("norm1_context", width, 6),
        *joint_attention("attn", width, head, kind=kind),
        *feed_forward("ff", width, inner=inner),
        *feed_forward("ff_context", width, inner=inner),
    )


def single_block(width: int, head: int, inner: int, kind: str | None) -> Tensors:
    """HunyuanVideoSingleTransformerBlock."""
    own = attention("attn", width, width, bias=True, extra=norms_of(kind, head, width))
    return (
        *modulation("norm", width, 3),
        *dense("proj_mlp", width, inner),
        *dense("proj_out", width + inner, width),
        *(t for t in own if ".to_out." not in t.name),
    )


def model(c: Config, *more: Tensors) -> ModelSpec:
    """The whole transformer, and what a kin of it has besides."""
    _, one, width = width_of(c, 24, 128)
    inputs, kind = c.int("in_channels", default=16, least=1), qk_kind(c, "rms_norm")
    side, frames = c.int("patch_size", default=2, least=1), c.int("patch_size_t", default=1, least=1)
    inner = int(width * c.number("mlp_ratio", default=4.0))
    pooled = c.int("pooled_projection_dim", default=768, least=1)
    text = c.int("text_embed_dim", default=4096, least=1)
    return component(
        c,
        "transformer",
        conv3d("x_embedder.proj", inputs, width, (frames, side, side)),
        token_refiner("context_embedder", text, width, c.count("num_refiner_layers", default=2)),
        time_text(width, pooled, guidance=c.bool("guidance_embeds", default=True)),
        layers("transformer_blocks", c.count("num_layers", default=20), double_block(width, one, inner, kind)),
        layers(
            "single_transformer_blocks",
            c.count("num_single_layers", default=40),
            single_block(width, one, inner, kind),
        ),
        modulation("norm_out", width, 2),
        dense("proj_out", width, frames * side * side * outputs(c, inputs, 16)),
        *more,
        hidden=width,
    )


def hunyuan_video(c: Config, head: str | None = None) -> ModelSpec:
    """HunyuanVideoTransformer3DModel (arXiv:2412.03603): the ways of reading a first frame differ in no weight."""
    kind = c.str("image_condition_type")
    if kind not in ("", "latent_concat", "token_replace"):
        raise unknown(c, "image_condition_type", kind, ("latent_concat", "token_replace"))
    return model(c)
