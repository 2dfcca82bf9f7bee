"""AuraFlow."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, outputs, width_of
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import attention, joint_attention, modulation, timestep
from llmmem.parts.modules import dense, under
from llmmem.tensors import ModelSpec


def _feed_forward(name: str, width: int) -> Tensors:
    inner = -(-(8 * width // 3) // 256) * 256
    return under(
        name,
        dense("linear_1", width, inner, False),
        dense("linear_2", width, inner, False),
        dense("out_projection", inner, width, False),
    )


def auraflow(c: Config, head: str | None = None) -> ModelSpec:
    """AuraFlowTransformer2DModel (diffusers 0.42, models/transformers/auraflow_transformer_2d.py): no biases."""
    _, one, width = width_of(c, 12, 256)
    inputs, patch = c.int("in_channels", default=4, least=1), c.int("patch_size", default=2, least=1)
    joint = (
        *modulation("norm1", width, 6, bias=False),
        *modulation("norm1_context", width, 6, bias=False),
        *joint_attention("attn", width, one, kind="fp32_layer_norm", bias=False),
        *_feed_forward("ff", width),
        *_feed_forward("ff_context", width),
    )
    single = (
        *modulation("norm1", width, 6, bias=False),
        *attention("attn", width, width, out_bias=False),
        *_feed_forward("ff", width),
    )
    text = c.int("joint_attention_dim", default=2048, least=1)
    return component(
        c,
        "transformer",
        dense("pos_embed.proj", patch * patch * inputs, width),
        scalars("pos_embed.pos_embed", 1, c.int("pos_embed_max_size", default=1024, least=1), width),
        dense("context_embedder", text, c.int("caption_projection_dim", default=3072, least=1), False),
        timestep("time_step_proj", width),
        layers("joint_transformer_blocks", c.count("num_mmdit_layers", default=4), joint),
        layers("single_transformer_blocks", c.count("num_single_dit_layers", default=32), single),
        modulation("norm_out", width, 2, bias=False),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 4), False),
        scalars("register_tokens", 1, 8, width),
        hidden=width,
    )
