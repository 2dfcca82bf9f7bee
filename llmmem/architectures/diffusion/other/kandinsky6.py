"""Upscalers of latents for Kandinsky 6's super resolution, one for each factor."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, gather, under
from llmmem.parts.video import gamma3d
from llmmem.tensors import ModelSpec


def _norm(name: str, width: int, latent: int) -> Tensors:
    """An RMS norm whose scale and shift are computed from the latent."""
    beside = (conv3d(conv, latent, width, 1) for conv in ("conv_y", "conv_b"))
    return under(name, gamma3d("norm", width), *beside)


def _block(name: str, inputs: int, outputs: int, latent: int) -> Tensors:
    return under(
        name,
        _norm("norm1", inputs, latent),
        conv3d("conv1", inputs, outputs),
        _norm("norm2", outputs, latent),
        conv3d("conv2", outputs, outputs),
        conv3d("shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def _blocks(name: str, first: int, width: int, count: int, latent: int) -> Tensors:
    """``count`` blocks, the first of which reads ``first`` channels."""
    widths = [first, *[width] * count]
    return gather(_block(f"{name}.{i}", a, b, latent) for i, (a, b) in enumerate(pairwise(widths)))


def _step(name: str, width: int) -> Tensors:
    return under(name, conv3d("spatial_conv", width, width, (1, 3, 3)), conv3d("linear", width, width, 1))


def kandinsky6_upscalers(c: Config, head: str | None = None) -> ModelSpec:
    """Kandinsky6SRLatentUpscalerBank (diffusers 0.42, models/latent_upscaler/latent_upscaler_kandinsky6_sr.py)."""
    latent, widths = c.int("in_channels", default=64, least=1), filled(c, "stage_channels", (2048, 1024, 512))
    if len(widths) != 3:
        raise ConfigError("stage_channels should hold three numbers.", "Check the config.json.")
    wide, middle, narrow = widths
    before, mid = c.count("num_pre_blocks", default=5), c.count("num_mid_blocks", default=3)
    after, adapters = c.count("num_post_blocks", default=3), c.count("num_x2_adapter_blocks", default=2)
    last = (*_norm("output_proj.norm", narrow, latent), *conv3d("output_proj.conv", narrow, latent))
    shared = (
        *conv3d("input_proj.0", latent, wide),
        *_blocks("pre_blocks", wide, wide, before, latent),
        *_step("upsample_1", wide),
        *_blocks("mid_blocks", wide, middle, mid, latent),
        *gamma3d("mid_output_head.0", middle),
        *conv3d("mid_output_head.2", middle, latent),
        *_step("upsample_2", middle),
        *_blocks("post_blocks", middle, narrow, after, latent),
        *last,
    )
    # twice as large is half the way to four times, with an end of its own
    half = (
        *conv3d("mid_input_proj.0", latent, wide),
        *under(
            "x2_branch",
            _blocks("adapter", wide, wide, adapters, latent),
            _step("finisher", wide),
            _blocks("mid_blocks", wide, middle, mid, latent),
            _step("upsample", middle),
            _blocks("blocks", middle, narrow, after, latent),
            last,
        ),
    )
    tensors = []
    for i, scale in enumerate(sizes(c, "scales", (2, 4))):
        if scale not in (2, 4):
            raise unknown(c, "scales", scale, ("2", "4"))
        tensors.append(under(f"_models.{i}", shared, half if scale == 2 else ()))
    return component(c, "latent_upscaler", *tensors, hidden=wide)
