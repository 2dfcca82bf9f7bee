"""Wan-Animate 2: a reference video is read once and kept."""

from __future__ import annotations

from math import prod

from llmmem.architectures.diffusion.base import component, layers, sizes
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import norm, scalars
from llmmem.parts.denoise import added, attention, qk_norms
from llmmem.parts.modules import conv3d, dense, layer_norm
from llmmem.tensors import ModelSpec

#: width of CLIP's picture embeddings
_CLIP = 1280


def wan_animate2(c: Config, head: str | None = None) -> ModelSpec:
    """WanAnimate2Transformer3DModel (diffusers 0.42, models/transformers/transformer_wan_animate_2.py)."""
    width, inner = c.int("dim", default=5120, least=1), c.int("ffn_dim", default=13824, least=1)
    divide(c, "dim", width, c.int("num_heads", default=40, least=1))
    sides = sizes(c, "patch_size", (1, 2, 2))
    if len(sides) != 3:
        raise ConfigError("patch_size should hold three numbers.", "Check the config.json.")
    inputs, shown = c.int("in_dim", default=36, least=1), c.int("out_dim", default=16, least=1)
    text, sines = c.int("text_dim", default=4096, least=1), c.int("freq_dim", default=256, least=1)
    pictures = c.bool("use_img_emb", default=True)
    seen = (*added(width, width, only_keys=True), *norm("norm_added_k", width)) if pictures else ()
    block = (
        *scalars("modulation", 1, 6, width),
        *attention("self_attn", width, width, bias=True, extra=qk_norms(width)),
        *(layer_norm("norm3", width) if c.bool("cross_attn_norm", default=True) else ()),
        *attention("cross_attn", width, width, bias=True, extra=(*qk_norms(width), *seen)),
        *dense("ffn.0", width, inner),
        *dense("ffn.2", inner, width),
    )
    clip = (
        *layer_norm("img_emb.proj.0", _CLIP),
        *dense("img_emb.proj.1", _CLIP, _CLIP),
        *dense("img_emb.proj.3", _CLIP, width),
        *layer_norm("img_emb.proj.4", width),
    )
    return component(
        c,
        "transformer",
        conv3d("patch_embedding", inputs, width, (sides[0], sides[1], sides[2])),
        (*dense("text_embedding.0", text, width), *dense("text_embedding.2", width, width)),
        (*dense("time_embedding.0", sines, width), *dense("time_embedding.2", width, width)),
        dense("time_projection.1", width, 6 * width),
        layers("blocks", c.count("num_layers", default=40), block),
        (*scalars("head.modulation", 1, 2, width), *dense("head.head", width, prod(sides) * shown)),
        clip if pictures else (),
        hidden=width,
    )
