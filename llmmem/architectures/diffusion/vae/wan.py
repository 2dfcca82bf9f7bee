"""Wan's autoencoders of videos, with residual shortcuts around their levels (2.2) or without (2.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from llmmem.architectures.diffusion.base import component, per_block, sizes
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, under
from llmmem.parts.video import gamma3d
from llmmem.parts.wan import attention, block, middle, step
from llmmem.tensors import ModelSpec

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


def autoencoder_kl_wan(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLWan (arXiv:2503.20314; diffusers 0.42, models/autoencoders/autoencoder_kl_wan.py)."""
    base, latent = c.int("base_dim", default=96, least=1), c.int("z_dim", default=16, least=1)
    own = c.int("decoder_base_dim", default=base, least=1)
    times = sizes(c, "dim_mult", LEVELS)
    depth = c.int("num_res_blocks", default=2, least=1)
    steps = [bool(v) for v in per_block(c, "temperal_downsample", len(times) - 1, (False, True, True))]
    scales, residual = c.list("attn_scales") or [], c.bool("is_residual")
    down, up = [base * m for m in (1, *times)], [own * m for m in (times[-1], *times[::-1])]
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        encoder(pictures, 2 * latent, down, depth, steps, scales, residual),
        conv3d("quant_conv", 2 * latent, 2 * latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
        decoder(latent, out, up, depth, steps[::-1], residual),
    )
