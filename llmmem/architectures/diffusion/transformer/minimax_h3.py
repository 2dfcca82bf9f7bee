"""MiniMax-H3: text, video and sound in one stream."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, width_of
from llmmem.architectures.diffusion.transformer.wan import triple
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.parts.denoise import attention, feed_forward, qk_norms, two_layers
from llmmem.parts.modules import dense
from llmmem.tensors import ModelSpec

#: text, video, sound: each has modulations of its own
_MODALITIES = 3


def _layer(width: int, inner: int, head: int, wide: int) -> Tensors:
    return (
        *norm("norm1", width),
        *attention("attn", width, inner, out_bias=False, extra=qk_norms(head)),
        *norm("norm2", width),
        *feed_forward("ff", width, inner=wide, act="swiglu", bias=False),
    )


def minimax_h3(c: Config, head: str | None = None) -> ModelSpec:
    """MiniMaxH3Transformer3DModel (diffusers 0.42, models/transformers/transformer_minimax_h3.py)."""
    _, one, inner = width_of(c, 56, 128)
    width = c.int("hidden_size", default=5376, least=1)
    wide = c.int("ffn_dim", default=14336, null=4 * width, least=1)
    time = c.int("time_embed_dim", default=2688, least=1)
    patch = c.int("in_channels", default=24, least=1) * prod(triple(c, "patch_size", (1, 2, 2)))
    sound = c.int("audio_in_channels", default=32, least=1)
    layer = _layer(width, inner, one, wide)
    return component(
        c,
        "transformer",
        dense("proj_in", patch, width),
        dense("audio_proj_in", sound, width),
        dense("context_embedder", c.int("text_dim", default=5120, least=1), width),
        two_layers("time_embedder", c.int("freq_dim", default=256), c.int("time_embed_hidden_dim", default=5376), time),
        layers("token_refiner.refiner_blocks", c.count("num_refiner_layers", default=2), layer),
        norm("token_refiner.final_norm", width),
        layers(
            "transformer_blocks",
            c.count("num_layers", default=50),
            (*layer, *dense("adaln_proj.linear", time, 6 * width * _MODALITIES)),
        ),
        (*norm("norm_out.norm", width), *dense("norm_out.linear", time, 2 * width)),
        dense("proj_out", width, patch),
        dense("audio_proj_out", width, sound),
        hidden=width,
    )
