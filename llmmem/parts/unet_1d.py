"""Levels of a UNet in one dimension (diffusers 0.42, models/unets/unet_1d_blocks.py)."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.modules import conv1d, dense, each, gather, layer_norm, matrices, under

#: taps of the cubic filter before a step
_TAPS = 8


def temporal(name: str, inputs: int, outputs: int, time: int) -> Tensors:
    """ResidualTemporalBlock1D."""
    tensors: list[Tensors] = []
    for part, width in (("conv_in", inputs), ("conv_out", outputs)):
        tensors += [conv1d(f"{part}.conv1d", width, outputs, 5), layer_norm(f"{part}.group_norm", outputs)]
    return under(
        name,
        *tensors,
        dense("time_emb", time, outputs),
        conv1d("residual_conv", inputs, outputs, 1) if inputs != outputs else (),
    )


def _conv(name: str, inputs: int, middle: int, outputs: int, last: bool = False) -> Tensors:
    """ResConvBlock; the very last one has no second norm."""
    return under(
        name,
        conv1d("conv_skip", inputs, outputs, 1, bias=False) if inputs != outputs else (),
        conv1d("conv_1", inputs, middle, 5),
        layer_norm("group_norm_1", middle),
        conv1d("conv_2", middle, outputs, 5),
        () if last else layer_norm("group_norm_2", outputs),
    )


def _attention(width: int) -> Tensors:
    names = ("query", "key", "value", "proj_attn")
    return (*layer_norm("group_norm", width), *matrices(width, width, *names, bias=True))


def conv_block(
    inputs: int, middle: int, outputs: int, *, attend: bool = False, step: str = "", last: bool = False
) -> Tensors:
    """Three residual blocks of a waveform's level, each with an attention or none."""
    widths = (middle, middle, outputs)
    return gather(
        (
            *(
                _conv(f"resnets.{n}", inputs if n == 0 else middle, middle, w, last and n == 2)
                for n, w in enumerate(widths)
            ),
            *(under(f"attentions.{n}", _attention(w)) for n, w in enumerate(widths) if attend),
            buffer(f"{step}.kernel", _TAPS) if step else (),
        )
    )


def mid_wave(width: int) -> Tensors:
    """UNetMidBlock1D: six blocks between a step down and a step up."""
    return (
        *gather(_conv(f"resnets.{n}", width, width, width) for n in range(6)),
        *each("attentions", 6, _attention(width)),
        *buffer("down.kernel", _TAPS),
        *buffer("up.kernel", _TAPS),
    )
