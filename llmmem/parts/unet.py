"""Levels of a UNet in two dimensions (diffusers 0.42, models/resnet.py and unets/unet_2d_blocks.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import added, attention, transformer_block
from llmmem.parts.modules import conv2d, dense, each, layer_norm, under


class Style(NamedTuple):
    """What all levels of one UNet share."""

    #: width of the timestep's vector; None: there is none
    temb: int | None
    #: how it comes in: default, scale_shift, spatial (the latent itself) or ada_group
    shift: str = "default"
    #: attention enters and leaves by a matrix instead of a convolution
    linear: bool = False
    #: two transformers side by side, for text and picture
    dual: bool = False
    #: boxes are attended to (GLIGEN)
    gated: bool = False
    #: norm of what cross attention reads
    cross_norm: str | None = None
    #: how a level of plain self attention steps down or up: conv, resnet
    sampler: str = "conv"


class Level(NamedTuple):
    """One level on the way down or up."""

    inputs: int
    outputs: int
    layers: int
    #: it steps to the next resolution at its end
    step: bool
    #: channels that come from the level before (way up)
    previous: int = 0
    #: transformer blocks of each of its attentions
    depths: Sequence[int] = ()
    heads: int = 1
    head_dim: int = 1
    #: width of what cross attention reads
    cross: int | None = None
    only_cross: bool = False
    #: several attentions after each resnet (AudioLDM 2), and what each reads; None: the picture, twice
    several: Sequence[int | None] = ()


def spatial_norm(name: str, channels: int, latent: int) -> Tensors:
    """Scale and shift computed from the latent (MoVQ, arXiv:2209.09002)."""
    return under(
        name,
        layer_norm("norm_layer", channels),
        conv2d("conv_y", latent, channels, 1),
        conv2d("conv_b", latent, channels, 1),
    )


def resnet(
    name: str,
    inputs: int,
    outputs: int,
    temb: int | None,
    shift: str = "default",
    *,
    shortcut: bool | None = None,
    final: int | None = None,
) -> Tensors:
    """Two convolutions and, where the width changes, a third beside them.

    Args:
        shortcut: whether the third is there (default: where the width changes).
        final: width after the second convolution (default: ``outputs``).
    """
    final = outputs if final is None else final
    ada = shift == "ada_group"
    tensors: list[Tensors] = []
    for index, (i, o) in enumerate(((inputs, outputs), (outputs, final)), 1):
        if ada:
            tensors.append(dense(f"norm{index}.linear", temb or 0, 2 * i))
        elif shift == "spatial":
            tensors.append(spatial_norm(f"norm{index}", i, temb or 0))
        else:
            tensors.append(layer_norm(f"norm{index}", i))
        tensors.append(conv2d(f"conv{index}", i, o))
    if temb is not None and shift in ("default", "scale_shift"):
        tensors.append(dense("time_emb_proj", temb, outputs * (2 if shift == "scale_shift" else 1)))
    if inputs != final if shortcut is None else shortcut:
        tensors.append(conv2d("conv_shortcut", inputs, final, 1, bias=not ada))
    return under(name, *tensors)


def self_attention(
    name: str, channels: int, head_dim: int, *, grouped: bool = True, latent: int | None = None
) -> Tensors:
    """Attention over all places of a picture.

    Args:
        grouped: a GroupNorm stands before it.
        latent: channels of the latent that scales and shifts its input.
    """
    norm = layer_norm("group_norm", channels) if grouped and latent is None else ()
    return attention(
        name,
        channels,
        channels // head_dim * head_dim,
        bias=True,
        extra=(*norm, *(() if latent is None else spatial_norm("spatial_norm", channels, latent))),
    )


def transformer(
    name: str,
    channels: int,
    heads: int,
    depth: int,
    cross: int | None,
    *,
    linear: bool = False,
    only_cross: bool = False,
    gated: bool = False,
    double: bool = False,
) -> Tensors:
    """Transformer2DModel over a feature map."""
    inner = channels // heads * heads
    block = transformer_block(inner, inner, cross=cross, only_cross=only_cross, gated=gated, double=double)
    enter, leave = ("proj_in", channels, inner), ("proj_out", inner, channels)
    return under(
        name,
        layer_norm("norm", channels),
        dense(*enter) if linear else conv2d(*enter, 1),
        each("transformer_blocks", depth, block),
        dense(*leave) if linear else conv2d(*leave, 1),
    )


def text_attention(name: str, channels: int, head_dim: int, cross: int, only_cross: bool, norm: str | None) -> Tensors:
    """One attention over picture and text together (Kandinsky, unCLIP, DeepFloyd IF)."""
    inner = channels // head_dim * head_dim
    extra = (
        *layer_norm("group_norm", channels),
        *added(cross, inner, only_keys=True),
        *(layer_norm("norm_cross", cross if norm == "group_norm" else channels) if norm else ()),
    )
    tensors = attention(name, channels, inner, bias=True, extra=extra)
    own = (f"{name}.to_k.", f"{name}.to_v.")
    return tuple(t for t in tensors if not (only_cross and t.name.startswith(own)))


def k_attention(name: str, width: int, head_dim: int, cross: int, temb: int, both: bool) -> Tensors:
    """Attention of k-diffusion's UNets: norms driven by the timestep, no feed-forward."""
    inner = width // head_dim * head_dim
    one = (*dense("norm1.linear", temb, 2 * width), *attention("attn1", width, inner, bias=True))
    two = attention("attn2", width, inner, source=cross, bias=True, extra=layer_norm("norm_cross", cross))
    return under(name, *((one,) if both else ()), dense("norm2.linear", temb, 2 * width), two)


def cross_attention(name: str, level: Level, depth: int, style: Style) -> Tensors:
    """The transformer (or the two) of a level with cross attention."""
    if style.dual:
        one = transformer("0", level.outputs, level.heads, 1, level.cross)
        two = transformer("1", level.outputs, level.heads, 1, level.cross)
        return under(f"{name}.transformers", one, two)
    return transformer(
        name,
        level.outputs,
        level.heads,
        depth,
        level.cross,
        linear=style.linear,
        only_cross=level.only_cross,
        gated=style.gated,
    )
