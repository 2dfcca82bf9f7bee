"""Wan's autoencoders of videos, with residual shortcuts around their levels (2.2) or without (2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from llmmem.architectures.diffusion.base import component, per_block, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, under
from llmmem.parts.video import gamma3d
from llmmem.parts.wan import attention, block, middle, step
from llmmem.tensors import ModelSpec, Tensor

LEVELS = (1, 2, 4, 4)


def encoder(
    pictures: int,
    latent: int,
    dims: Sequence[int],
    depth: int,
    times: Sequence[bool],
    scales: Sequence[float],
    residual: bool,
) -> Tensors:
    """From frames to ``latent`` channels; ``dims`` begins with the width before the first level."""
    tensors = [conv3d("conv_in", pictures, dims[0])]
    index, scale, last = 0, 1.0, len(dims) - 2
    for i, (inputs, width) in enumerate(pairwise(dims)):
        if residual:
            own = [block(f"resnets.{n}", inputs if n == 0 else width, width) for n in range(depth)]
            if i < last:
                own.append(step("downsampler", width, width, width * times[i]))
            tensors.append(under(f"down_blocks.{i}", *own))
            continue
        for n in range(depth):
            tensors.append(block(f"down_blocks.{index}", inputs if n == 0 else width, width))
            index += 1
            if scale in scales:
                tensors.append(attention(f"down_blocks.{index}", width))
                index += 1
        if i < last:
            tensors.append(step(f"down_blocks.{index}", width, width, width * times[i]))
            index, scale = index + 1, scale / 2
    top = dims[-1]
    return under("encoder", *tensors, middle(top), gamma3d("norm_out", top), conv3d("conv_out", top, latent))


def decoder(
    latent: int, pictures: int, dims: Sequence[int], depth: int, times: Sequence[bool], residual: bool
) -> Tensors:
    """From ``latent`` channels to frames; ``dims`` begins with the width before the first level."""
    tensors = [conv3d("conv_in", latent, dims[0]), middle(dims[0])]
    last = len(dims) - 2
    for i, (before, width) in enumerate(pairwise(dims)):
        inputs = before // 2 if i > 0 and not residual else before  # a plain step up has halved them
        own = [block(f"resnets.{n}", inputs if n == 0 else width, width) for n in range(depth + 1)]
        if i < last and residual:
            own.append(step("upsampler", width, width, 2 * width * times[i]))
        elif i < last:
            own.append(step("upsamplers.0", width, width // 2, 2 * width * times[i]))
        tensors.append(under(f"up_blocks.{i}", *own))
    top = dims[-1]
    return under("decoder", *tensors, gamma3d("norm_out", top), conv3d("conv_out", top, pictures))


class _Given(NamedTuple):
    """Defaults of one class, and how it spells what it is shown."""

    base: int = 96
    own: int | None = None
    latent: int = 16
    levels: Sequence[int] = LEVELS
    times: Sequence[bool] = (False, True, True)
    pictures: int = 3
    residual: bool = False


def _halves(c: Config, given: _Given, *, pictures: str = "in_channels", out: str = "out_channels") -> list[Tensors]:
    base, latent = c.int("base_dim", default=given.base, least=1), c.int("z_dim", default=given.latent, least=1)
    own = c.int("decoder_base_dim", default=given.own or base, null=base, least=1)
    levels, depth = sizes(c, "dim_mult", given.levels), c.int("num_res_blocks", default=2, least=1)
    steps = [bool(v) for v in per_block(c, "temperal_downsample", len(levels) - 1, given.times)]
    scales, residual = c.list("attn_scales") or [], c.bool("is_residual", default=given.residual)
    down, up = [base * m for m in (1, *levels)], [own * m for m in (levels[-1], *levels[::-1])]
    seen, shown = (c.int(key, default=given.pictures, least=1) for key in (pictures, out))
    return [
        encoder(seen, 2 * latent, down, depth, steps, scales, residual),
        conv3d("quant_conv", 2 * latent, 2 * latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
        decoder(latent, shown, up, depth, steps[::-1], residual),
    ]


def autoencoder_kl_wan(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLWan (arXiv:2503.20314; diffusers 0.42, models/autoencoders/autoencoder_kl_wan.py)."""
    return component(c, "vae", *_halves(c, _Given()))


def autoencoder_kl_qwen_image(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLQwenImage (arXiv:2508.02324; diffusers 0.42, autoencoders/autoencoder_kl_qwenimage.py)."""
    return component(c, "vae", *_halves(c, _Given(), pictures="input_channels", out="input_channels"))


def autoencoder_kl_qwen_image21(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLQwenImage21 (diffusers 0.42): the same in pictures, its convolutions without an axis of time."""
    given = _Given(96, 144, 64, (1, 2, 4, 8, 8), (False, True, True, True), 4, True)
    return component(c, "vae", *(tuple(_flat(t) for t in half) for half in _halves(c, given)))


def _flat(t: Tensor) -> Tensor:
    return t._replace(shape=(*t.shape[:2], *t.shape[3:])) if len(t.shape) == 5 else t
