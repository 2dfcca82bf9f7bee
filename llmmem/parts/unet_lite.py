"""Levels of DreamLite's UNet (diffusers 0.42, models/unets/unet_dreamlite.py)."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention, feed_forward, norms_of
from llmmem.parts.modules import conv2d, dense, each, gather, layer_norm, under
from llmmem.parts.unet import resnet


class Lite(NamedTuple):
    """What all levels share."""

    #: width of the timestep's vector
    temb: int
    shift: str
    separable: bool
    linear: bool
    qk: str | None
    #: key heads; None: as many as query heads
    keys: int | None
    mult: int


class LiteLevel(NamedTuple):
    """One level."""

    kind: str
    width: int
    heads: int
    cross: int
    only: bool
    depths: list[int]


def _separable(name: str, inputs: int, outputs: int) -> Tensors:
    return (
        *conv2d(f"{name}.depthwise", inputs, inputs, bias=False, groups=inputs),
        *conv2d(f"{name}.pointwise", inputs, outputs, 1, bias=False),
    )


def lite_resnet(name: str, inputs: int, outputs: int, s: Lite) -> Tensors:
    """A residual block; its convolutions are separable and twice as wide between."""
    if not s.separable:
        return resnet(name, inputs, outputs, s.temb, s.shift)
    inner = 2 * outputs
    return under(
        name,
        layer_norm("norm1", inputs),
        _separable("conv1", inputs, inner),
        dense("time_emb_proj", s.temb, inner * (2 if s.shift == "scale_shift" else 1)),
        layer_norm("norm2", inner),
        _separable("conv2", inner, outputs),
        conv2d("conv_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def lite_transformer(name: str, level: LiteLevel, index: int, s: Lite) -> Tensors:
    """The transformer after a residual block, where the level has one."""
    if "CrossAttn" not in level.kind:
        return ()
    one = level.width // level.heads
    inner, kv = one * level.heads, one * (s.keys or level.heads)
    norms = norms_of(s.qk, one, inner, kv)
    own = attention("attn1", inner, inner, kv=kv, source=level.cross if level.only else None, extra=norms)
    block = (
        *layer_norm("norm1", inner),
        *(() if "NoSelf" in level.kind else own),
        *layer_norm("norm2", inner),
        *attention("attn2", inner, inner, kv=kv, source=level.cross, extra=norms),
        *layer_norm("norm3", inner),
        *feed_forward("ff", inner, inner=inner * s.mult, act="geglu"),
    )
    enter, leave = ("proj_in", level.width, inner), ("proj_out", inner, level.width)
    return under(
        f"{name}.{index}",
        layer_norm("norm", level.width),
        dense(*enter) if s.linear else conv2d(*enter, 1),
        each("transformer_blocks", level.depths[index], block),
        dense(*leave) if s.linear else conv2d(*leave, 1),
    )


def stage(level: LiteLevel, inputs: list[int], step: str, s: Lite) -> Tensors:
    """Residual blocks with these widths before them, and the step after the last."""
    tensors = []
    for i, width in enumerate(inputs):
        tensors += [lite_resnet(f"resnets.{i}", width, level.width, s), lite_transformer("attentions", level, i, s)]
    return gather((*tensors, conv2d(f"{step}.0.conv", level.width, level.width) if step else ()))
