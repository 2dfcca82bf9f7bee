"""Stable Diffusion 3 and 3.5."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind
from llmmem.architectures.diffusion.base import component, outputs, qk_kind, width_of
from llmmem.architectures.diffusion.transformer.flux import time_text
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention, feed_forward, joint_attention, modulation, norms_of, patches
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec, Part


def joint_block(width: int, head: int, kind: str | None, *, last: bool, dual: bool) -> Tensors:
    """JointTransformerBlock.

    Args:
        last: the text is read, but goes no further.
        dual: a second attention in which the picture reads itself alone (SD3.5 medium).
    """
    return (
        *modulation("norm1", width, 9 if dual else 6),
        *modulation("norm1_context", width, 2 if last else 6),
        *joint_attention("attn", width, head, kind=kind, last=last),
        *(attention("attn2", width, width, bias=True, extra=norms_of(kind, head, width)) if dual else ()),
        *feed_forward("ff", width),
        *(() if last else feed_forward("ff_context", width)),
    )


def sd3(c: Config, head: str | None = None) -> ModelSpec:
    """SD3Transformer2DModel (arXiv:2403.03206; diffusers 0.42, models/transformers/transformer_sd3.py)."""
    _, one, width = width_of(c, 18, 64)
    inputs, patch = c.int("in_channels", default=16, least=1), c.int("patch_size", default=2, least=1)
    kind = qk_kind(c, None)
    count = c.count("num_layers", default=18)
    dual = c.ints("dual_attention_layers") or []

    def block(last: bool, two: bool) -> Part:
        return Part(joint_block(width, one, kind, last=last, dual=two))

    kinds = [(i == count - 1, i in dual) for i in range(count)]
    return component(
        c,
        "transformer",
        patches("pos_embed", inputs, width, patch, positions=c.optional("pos_embed_max_size", default=96) or 0),
        time_text(width, c.int("pooled_projection_dim", default=2048, least=1), guidance=False),
        dense(
            "context_embedder",
            c.int("joint_attention_dim", default=4096, least=1),
            c.int("caption_projection_dim", default=1152, least=1),
        ),
        *blocks_by_kind("transformer", "transformer_blocks.{}.", kinds, block),
        modulation("norm_out", width, 2),
        dense("proj_out", width, patch * patch * outputs(c, inputs, 16)),
        hidden=width,
    )
