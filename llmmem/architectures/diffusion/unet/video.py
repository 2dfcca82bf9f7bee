"""Levels with convolutions and attention along time, as the config spells them."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import kinds, per_block, unknown, whole
from llmmem.architectures.diffusion.unet.levels import channels
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import under
from llmmem.parts.unet import Level, resnet, transformer
from llmmem.parts.unet_video import ladder, level_of, temporal_conv, temporal_transformer
from llmmem.tensors import Block

DOWN = ("CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "CrossAttnDownBlock3D", "DownBlock3D")
UP = ("UpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D", "CrossAttnUpBlock3D")
WIDTHS = (320, 640, 1280, 1280)


def crossing(c: Config, key: str, default: Sequence[str], name: str) -> list[bool]:
    """Which levels attend to the prompt; ``name`` is the block's without what says so.

    Raises:
        UnsupportedArchitectureError: another kind of block.
    """
    known = (name, f"CrossAttn{name}")
    found = kinds(c, key, default)
    for n in found:
        if n not in known:
            raise unknown(c, key, n, known)
    return [n != name for n in found]


def _beside(width: int, head: int, cross: int, index: int, attends: bool) -> Tensors:
    """What a layer has beside its resnet; the heads are as wide as their number says (as the class has it)."""
    inner = width // head * head
    return (
        *temporal_conv(f"temp_convs.{index}", width),
        *(transformer(f"attentions.{index}", width, head, 1, cross, linear=True) if attends else ()),
        *(temporal_transformer(f"temp_attentions.{index}", width, inner, 1) if attends else ()),
    )


def stack(c: Config, heads: list[int], cross: int) -> tuple[list[int], int, list[Block | Tensors]]:
    """Widths, the timestep's width, and the three parts of the UNet."""
    down, up = (
        crossing(c, f"{w.lower()}_block_types", DOWN if w == "Down" else UP, f"{w}Block3D") for w in ("Down", "Up")
    )
    count = len(down)
    widths = channels(c, WIDTHS, count)
    if len(up) != count:
        raise unknown(c, "up_block_types of length", len(up))
    time = 4 * widths[0]
    falling, rising = ladder(widths, [c.count("layers_per_block", default=2, least=1)] * count)

    def res(name: str, inputs: int, outputs: int) -> Tensors:
        return resnet(name, inputs, outputs, time)

    def level(way: str, one: Level, head: int, attends: bool) -> Tensors:
        return level_of(way, one, res, lambda i: _beside(one.outputs, head, cross, i, attends))

    top = widths[-1]
    mid = (
        *(res(f"resnets.{i}", top, top) for i in range(2)),
        *(_beside(top, heads[-1], cross, i, i == 0) for i in range(2)),
    )
    return (
        widths,
        time,
        [
            *(Block("", f"down_blocks.{i}.", level("down", falling[i], heads[i], down[i])) for i in range(count)),
            under("mid_block", *mid),
            *(Block("", f"up_blocks.{i}.", level("up", rising[i], heads[-1 - i], up[i])) for i in range(count)),
        ],
    )


def heads_of(c: Config, key: str) -> list[int]:
    """attention_head_dim, which these classes take for the number of heads and pass on as their width."""
    count = len(c.list("down_block_types") or DOWN)
    return [whole(key, v) for v in per_block(c, key, count, 64)]
