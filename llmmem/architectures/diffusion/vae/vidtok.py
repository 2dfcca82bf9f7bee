"""VidTok's autoencoder of videos: levels in space, and levels in time beside them."""

from __future__ import annotations

from functools import partial

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.ldm import Kit, level, way_down, way_up
from llmmem.parts.modules import conv1d, conv2d, conv3d, gather, layer_norm, under
from llmmem.parts.video import Conv
from llmmem.tensors import ModelSpec


def _norm(name: str, width: int) -> Tensors:
    return layer_norm(f"{name}.norm", width)


def _block(conv: Conv, name: str, inputs: int, outputs: int) -> Tensors:
    return under(
        name,
        _norm("norm1", inputs),
        conv("conv1", inputs, outputs, 3),
        _norm("norm2", outputs),
        conv("conv2", outputs, outputs, 3),
        conv("nin_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def autoencoder_vidtok(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderVidTok (arXiv:2412.13061; diffusers 0.42, models/autoencoders/autoencoder_vidtok.py)."""
    kind = c.str("regularizer", default="kl")
    if kind not in ("kl", "fsq"):  # a finite scalar quantiser has no weights
        raise unknown(c, "regularizer", kind, ("kl", "fsq"))
    base, latent = c.int("ch", default=128, least=1), c.int("z_channels", default=4, least=1)
    widths, depth = (
        [base * m for m in filled(c, "ch_mult", (1, 2, 4, 4))],
        c.count("num_res_blocks", default=2, least=1),
    )
    count, top = len(widths), widths[-1]
    own = ".conv" if c.bool("is_causal", default=True) else ""  # a causal convolution wraps the real one

    def in_time(name: str, inputs: int, outputs: int, kernel: int) -> Tensors:
        return conv1d(name + own, inputs, outputs, kernel)

    def in_both(name: str, inputs: int, outputs: int, kernel: int) -> Tensors:
        return conv3d(name + own, inputs, outputs, kernel)

    def attention(name: str, width: int) -> Tensors:
        qkvo = (in_both(n, width, width, 1) for n in ("q", "k", "v", "proj_out"))
        return under(name, _norm("norm", width), *qkvo)

    def kits(name: str, space: list[int], time: list[int]) -> tuple[Kit, Kit]:
        def step(at: int, width: int) -> Tensors:
            return conv2d(f"{name}.conv", width, width) if at in space else ()

        def step_in_time(at: int, width: int) -> Tensors:
            mixed = (*scalars("mix_factor", 1), *in_both("conv", width, width, 3))
            return under(name, mixed) if at in time else ()

        center = partial(_block, in_both)
        return (
            Kit(partial(_block, conv2d), step, attention, middle=True, center=center),
            Kit(partial(_block, in_time), step_in_time, attention),
        )

    space = sizes(c, "spatial_ds", range(count - 1))
    time = [i for i in sizes(c, "tempo_ds", (count - 2, count - 3)) if i in space]
    down, down_time = kits("downsample", space, time)
    up, up_time = kits("upsample", sizes(c, "spatial_us", range(1, count)), sizes(c, "tempo_us", (1, 2)))
    encoder = [
        in_both("conv_in", c.int("in_channels", default=3, least=1), base, 3),
        way_down(down, (base, *widths), depth),
        *(under(f"down_temporal.{i}", level(down_time, i, w, w, depth)) for i, w in enumerate(widths)),
        _norm("norm_out", top),
        in_both("conv_out", top, latent * (2 if c.bool("double_z", default=True) else 1), 3),
    ]
    decoder = [
        in_both("conv_in", latent, top, 3),
        way_up(up, widths, depth),
        *(under(f"up_temporal.{i}", level(up_time, i, w, w, depth + 1)) for i, w in enumerate(widths)),
        _norm("norm_out", widths[0]),
        in_both("conv_out", widths[0], c.int("out_channels", default=3, least=1), 3),
    ]
    c.get("codebook_size")  # follows from z_channels
    return component(c, "vae", under("encoder", gather(encoder)), under("decoder", gather(decoder)))
