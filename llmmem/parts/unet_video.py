"""Levels of UNets that see frames (diffusers 0.42, models/unets/unet_3d_blocks.py, unet_motion_model.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.denoise import attention, feed_forward, transformer_block, two_layers
from llmmem.parts.modules import conv2d, conv3d, dense, each, gather, layer_norm, under
from llmmem.parts.unet import Level

#: name, inputs, outputs
Resnet = Callable[[str, int, int], Tensors]
#: index of the layer
Beside = Callable[[int], Tensors]


def ladder(widths: Sequence[int], layers: Sequence[int]) -> tuple[list[Level], list[Level]]:
    """The levels of a UNet on the way down and on the way up, sizes only."""
    last = len(widths) - 1
    down = [Level(widths[max(i - 1, 0)], widths[i], layers[i], step=i < last) for i in range(last + 1)]
    turned, depths = widths[::-1], layers[::-1]
    up = [
        Level(turned[min(i + 1, last)], turned[i], depths[i] + 1, step=i < last, previous=turned[max(i - 1, 0)])
        for i in range(last + 1)
    ]
    return down, up


def level_of(way: str, level: Level, resnet: Resnet, beside: Beside) -> Tensors:
    """Residual blocks with what stands beside each, and the step to the next resolution."""
    tensors: list[Tensors] = []
    for i in range(level.layers):
        inputs = level.inputs if i == 0 else level.outputs
        if way == "up":
            across = level.inputs if i == level.layers - 1 else level.outputs
            inputs = (level.previous if i == 0 else level.outputs) + across
        tensors += [resnet(f"resnets.{i}", inputs, level.outputs), beside(i)]
    if level.step:
        tensors.append(conv2d(f"{way}samplers.0.conv", level.outputs, level.outputs))
    return gather(tensors)


def temporal_conv(name: str, width: int) -> Tensors:
    """Four convolutions along time."""
    at = {1: 2, 2: 3, 3: 3, 4: 3}
    return under(
        name,
        *(layer_norm(f"conv{i}.0", width) for i in at),
        *(conv3d(f"conv{i}.{n}", width, width, (3, 1, 1)) for i, n in at.items()),
    )


def temporal_transformer(
    name: str, channels: int, inner: int, depth: int, *, cross: int | None = None, double: bool = True, seen: int = 0
) -> Tensors:
    """Attention of each place over time: every block attends to itself twice, unless it reads something else.

    Args:
        seen: frames whose positions the checkpoint holds.
    """
    block = transformer_block(inner, inner, cross=cross, double=double, sinusoids=seen)
    return under(
        name,
        layer_norm("norm", channels),
        dense("proj_in", channels, inner),
        each("transformer_blocks", depth, block),
        dense("proj_out", inner, channels),
    )


def spatio_temporal_transformer(name: str, channels: int, heads: int, depth: int, cross: int) -> Tensors:
    """A block in space, one along time, and how they are mixed (Stable Video Diffusion, arXiv:2311.15127)."""
    inner = channels // heads * heads
    along = (
        *layer_norm("norm_in", inner),
        *feed_forward("ff_in", inner, act="geglu"),
        *layer_norm("norm1", inner),
        *attention("attn1", inner, inner),
        *layer_norm("norm2", inner),
        *attention("attn2", inner, inner, source=cross),
        *layer_norm("norm3", inner),
        *feed_forward("ff", inner, act="geglu"),
    )
    return under(
        name,
        layer_norm("norm", channels),
        dense("proj_in", channels, inner),
        each("transformer_blocks", depth, transformer_block(inner, inner, cross=cross)),
        each("temporal_transformer_blocks", depth, along),
        two_layers("time_pos_embed", channels, 4 * channels, channels),
        scalars("time_mixer.mix_factor", 1),
        dense("proj_out", inner, channels),
    )
