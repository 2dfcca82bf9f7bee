"""Kandinsky 3's UNet: deep residual blocks that read the timestep in every norm."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.denoise import attention, two_layers
from llmmem.parts.modules import conv2d, dense, layer_norm, under, up2d
from llmmem.tensors import ModelSpec

KERNELS = (1, 3, 3, 1)


def _resnet(name: str, inputs: int, outputs: int, time: int, step: str = "") -> Tensors:
    """Four convolutions through a narrower width.

    Args:
        step: "up" or "down" where it changes the resolution.
    """
    slim = max(inputs, outputs) // 2
    widths = (inputs, slim, slim, slim, outputs)
    tensors: list[Tensors] = []
    for i, kernel in enumerate(KERNELS):
        before, after = widths[i], widths[i + 1]
        at = f"resnet_blocks.{i}"
        tensors.append(dense(f"{at}.group_norm.context_mlp.1", time, 2 * before))
        if step == "up" and i == 1:
            tensors.append(up2d(f"{at}.up_sample", before, before, 2))
        tensors.append(conv2d(f"{at}.projection", before, after, kernel))
        if step == "down" and i == 2:
            tensors.append(conv2d(f"{at}.down_sample", after, after, 2))
    if step == "up":
        tensors.append(up2d("shortcut_up_sample", inputs, inputs, 2))
    if inputs != outputs:
        tensors.append(conv2d("shortcut_projection", inputs, outputs, 1))
    if step == "down":
        tensors.append(conv2d("shortcut_down_sample", outputs, outputs, 2))
    return under(name, *tensors)


def _attend(name: str, width: int, time: int, source: int | None) -> Tensors:
    return under(
        name,
        dense("in_norm.context_mlp.1", time, 2 * width),
        attention("attention", width, width, source=source, out_bias=False),
        dense("out_norm.context_mlp.1", time, 2 * width),
        conv2d("feed_forward.0", width, 4 * width, 1, False),
        conv2d("feed_forward.2", 4 * width, width, 1, False),
    )


def _level(name: str, hidden: Sequence[tuple[int, int]], time: int, text: int | None, own: int, step: str) -> Tensors:
    """Pairs of residual blocks with attention to the text between them.

    Args:
        hidden: width in and out of each pair.
        own: width of the attention over all places.
    """
    tensors = [_attend("attentions.0", own, time, None)] if text is not None else []
    for n, (before, after) in enumerate(hidden):
        up, down = step == "up" and n == 0, step == "down" and n == len(hidden) - 1
        middle = before if "up_blocks" in name else after
        if "up_blocks" in name:
            tensors.append(_resnet(f"resnets_in.{n}", before, before, time, "up" if up else ""))
        else:
            tensors.append(_resnet(f"resnets_in.{n}", before, after, time))
        if text is not None:
            tensors.append(_attend(f"attentions.{n + 1}", middle, time, text))
        tensors.append(_resnet(f"resnets_out.{n}", middle, after, time, "down" if down else ""))
    return under(name, *tensors)


def kandinsky3_unet(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky3UNet (arXiv:2312.03511; diffusers 0.42, models/unets/unet_kandinsky3.py)."""
    widths, pictures = sizes(c, "block_out_channels", (384, 768, 1536, 3072)), c.int("in_channels", default=4, least=1)
    first, time = widths[0] // 2, c.int("time_embedding_dim", default=1536, least=1)
    cross, depth = c.int("cross_attention_dim", default=4096, least=1), c.int("layers_per_block", default=3, least=1)
    # Only the first four levels are described, and only the first of them reads no text.
    widths = widths[:4]
    before, last = (first, *widths[:-1]), len(widths) - 1
    levels: list[Tensors] = []
    for i, (inputs, width) in enumerate(zip(before, widths, strict=True)):
        hidden = [(inputs, width)] + [(width, width)] * (depth - 1)
        levels.append(
            _level(f"down_blocks.{i}", hidden, time, cross if i else None, inputs, "down" if i < last else "")
        )
    for j, i in enumerate(range(last, -1, -1)):
        width, out = widths[i], before[i]
        joined = width + (width if i < last else 0)
        hidden = [(joined, width), *[(width, width)] * (depth - 2), (width, out)][:depth]
        levels.append(_level(f"up_blocks.{j}", hidden, time, cross if i else None, out, "up" if j else ""))
    return component(
        c,
        "unet",
        two_layers("time_embedding", first, time),
        under(
            "add_time_condition.attention",
            dense("to_q", cross, time, False),
            dense("to_k", cross, time, False),
            dense("to_v", cross, time, False),
            dense("to_out.0", time, time, False),
        ),
        conv2d("conv_in", pictures, first),
        dense("encoder_hid_proj.projection_linear", c.int("encoder_hid_dim", default=4096, least=1), cross, False),
        layer_norm("encoder_hid_proj.projection_norm", cross),
        *levels,
        layer_norm("conv_norm_out", first),
        conv2d("conv_out", first, pictures),
        hidden=first,
    )
