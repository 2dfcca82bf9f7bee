"""Qwen-Image."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, embedding, norm
from llmmem.parts.denoise import feed_forward, joint_attention, modulation, timestep
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec


def block(width: int, head: int) -> Tensors:
    """QwenImageTransformerBlock."""
    return (
        *dense("img_mod.1", width, 6 * width),
        *dense("txt_mod.1", width, 6 * width),
        *joint_attention("attn", width, head),
        *feed_forward("img_mlp", width),
        *feed_forward("txt_mlp", width),
    )


def stem(c: Config, width: int) -> Tensors:
    """Timestep, picture and text."""
    text = c.int("joint_attention_dim", default=3584, least=1)
    more = embedding("time_text_embed.addition_t_embedding", 2, width) if c.bool("use_additional_t_cond") else ()
    return (
        *timestep("time_text_embed.timestep_embedder", width),
        *more,
        *norm("txt_norm", text),
        *dense("img_in", c.int("in_channels", default=64, least=1), width),
        *dense("txt_in", text, width),
    )


def qwen_image(c: Config, head: str | None = None) -> ModelSpec:
    """QwenImageTransformer2DModel (arXiv:2508.02324; diffusers 0.42, models/transformers/transformer_qwenimage.py)."""
    _, one, width = width_of(c, 24, 128)
    patch = c.int("patch_size", default=2, least=1)
    return component(
        c,
        "transformer",
        stem(c, width),
        layers("transformer_blocks", c.count("num_layers", default=60), block(width, one)),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, c.int("in_channels", default=64), 16)),
        hidden=width,
    )
