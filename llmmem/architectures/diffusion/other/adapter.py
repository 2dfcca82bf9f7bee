"""T2I-Adapters: small networks that steer a UNet by a sketch, a pose, a depth map."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.diffusion.base import component, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, each, under
from llmmem.tensors import ModelSpec

KINDS = ("full_adapter", "full_adapter_xl", "light_adapter")


def _block(inputs: int, outputs: int, depth: int) -> Tensors:
    block = (*conv2d("block1", outputs, outputs), *conv2d("block2", outputs, outputs, 1))
    enter = conv2d("in_conv", inputs, outputs, 1) if inputs != outputs else ()
    return (*enter, *each("resnets", depth, block))


def _light(inputs: int, outputs: int, depth: int) -> Tensors:
    inner = outputs // 4
    block = (*conv2d("block1", inner, inner), *conv2d("block2", inner, inner))
    return (
        *conv2d("in_conv", inputs, inner, 1),
        *each("resnets", depth, block),
        *conv2d("out_conv", inner, outputs, 1),
    )


def t2i_adapter(c: Config, head: str | None = None) -> ModelSpec:
    """T2IAdapter (arXiv:2302.08453; diffusers 0.42, models/adapter.py)."""
    kind = c.str("adapter_type", default=KINDS[0])
    if kind not in KINDS:
        raise unknown(c, "adapter_type", kind, KINDS)
    widths, depth = filled(c, "channels", (320, 640, 1280, 1280)), c.count("num_res_blocks", default=2)
    if not widths:
        raise ConfigError("channels is empty.", "Check the config.json.")
    # pixels are folded into channels first
    seen = c.int("in_channels", default=3, least=1) * c.int("downscale_factor", default=8, least=1) ** 2
    if kind == "light_adapter":
        body = [_light(*pair, depth) for pair in pairwise((seen, *widths, widths[-1]))]
        stem: Tensors = ()
    else:
        before = (widths[0], *widths)
        if kind == "full_adapter_xl":  # only its second and third level widen
            before = tuple(before[i] if i in (1, 2) else width for i, width in enumerate(widths))
        body = [_block(i, o, depth) for i, o in zip(before, widths, strict=False)]
        stem = conv2d("conv_in", seen, widths[0])
    return component(c, "adapter", under("adapter", stem, *(under(f"body.{i}", block) for i, block in enumerate(body))))
