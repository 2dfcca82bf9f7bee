"""Blocks of Wan's autoencoders of videos (arXiv:2503.20314)."""

from __future__ import annotations

from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, conv3d, under
from llmmem.parts.video import gamma2d, gamma3d, resnet3d

IN_TIME = (3, 1, 1)


def block(name: str, inputs: int, outputs: int) -> Tensors:
    """WanResidualBlock."""
    return resnet3d(name, inputs, outputs, conv3d, gamma3d)


def attention(name: str, width: int) -> Tensors:
    """WanAttentionBlock: each frame by itself."""
    return under(name, gamma2d("norm", width), conv2d("to_qkv", width, 3 * width, 1), conv2d("proj", width, width, 1))


def middle(width: int) -> Tensors:
    """Two residual blocks around one attention."""
    return under(
        "mid_block",
        attention("attentions.0", width),
        block("resnets.0", width, width),
        block("resnets.1", width, width),
    )


def step(name: str, width: int, out: int, time: int) -> Tensors:
    """A step in space, and one in time to ``time`` channels unless that is 0."""
    return under(
        name,
        conv2d("resample.1", width, out),
        conv3d("time_conv", width, time, IN_TIME) if time else (),
    )
