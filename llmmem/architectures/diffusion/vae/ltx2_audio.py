"""LTX-2's autoencoder of spectrograms."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.ldm import Kit, way_down, way_up
from llmmem.parts.modules import conv2d, gather, layer_norm, matrices, under
from llmmem.tensors import ModelSpec, Tensor

#: a pixel norm has no parameters
NORMS = ("group", "pixel")
AXES = ("none", "width", "height", "width-compatibility")


def _norm(c: Config) -> bool:
    """Whether norms have parameters."""
    axis = c.str("causality_axis", default="height")
    if axis not in AXES:
        raise unknown(c, "causality_axis", axis, AXES)
    kind = c.str("norm_type", default="pixel")
    if kind not in NORMS or (kind == "group" and axis != "none"):
        raise unknown(c, "norm_type", kind, NORMS)
    return kind == "group"


def _kit(c: Config, levels: int, grouped: bool, *, up: bool) -> Kit:
    asked, side = sizes(c, "attn_resolutions", ()), c.int("resolution", default=256, least=1)

    def norm(name: str, width: int) -> Tensors:
        return layer_norm(name, width) if grouped else ()

    def block(name: str, inputs: int, outputs: int) -> Tensors:
        return under(
            name,
            norm("norm1", inputs),
            conv2d("conv1.conv", inputs, outputs),
            norm("norm2", outputs),
            conv2d("conv2.conv", outputs, outputs),
            conv2d("nin_shortcut.conv", inputs, outputs, 1) if inputs != outputs else (),
        )

    def attention(name: str, width: int) -> Tensors:
        qkvo = matrices(width, width, "q", "k", "v", "proj_out", bias=True)
        return under(name, norm("norm", width), tuple(_as_conv(t) for t in qkvo))

    def step(level: int, width: int) -> Tensors:
        if up:
            return conv2d("upsample.conv.conv", width, width) if level else ()
        return conv2d("downsample.conv", width, width) if level < levels - 1 else ()

    attended = [i for i in range(levels) if _side(side, i, levels, up) in asked]
    return Kit(block, step, attention, attended, c.bool("mid_block_add_attention"))


def _side(side: int, level: int, levels: int, up: bool) -> int:
    """The nominal resolution of a level: on the way up it is doubled from the smallest."""
    return (side >> levels - 1) << (levels - 1 - level) if up else side >> level


def _as_conv(t: Tensor) -> Tensor:
    return t._replace(shape=(*t.shape, 1, 1), role="conv") if t.role == "linear" else t


def autoencoder_kl_ltx2_audio(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLLTX2Audio (diffusers 0.42, models/autoencoders/autoencoder_kl_ltx2_audio.py)."""
    base, latent = c.int("base_channels", default=128, least=1), c.int("latent_channels", default=8, least=1)
    widths = [base * m for m in filled(c, "ch_mult", (1, 2, 4))]
    depth, grouped = c.count("num_res_blocks", default=2, least=1), _norm(c)
    top, seen = widths[-1], c.int("in_channels", default=2, least=1)
    encoder = gather(
        (
            conv2d("conv_in.conv", seen, base),
            way_down(_kit(c, len(widths), grouped, up=False), (base, *widths), depth),
            layer_norm("norm_out", top) if grouped else (),
            conv2d("conv_out.conv", top, latent * (2 if c.bool("double_z", default=True) else 1)),
        )
    )
    decoder = gather(
        (
            conv2d("conv_in.conv", latent, top),
            way_up(_kit(c, len(widths), grouped, up=True), widths, depth),
            layer_norm("norm_out", widths[0]) if grouped else (),
            conv2d("conv_out.conv", widths[0], c.int("output_channels", default=2, least=1)),
        )
    )
    statistics = (*buffer("latents_mean", base), *buffer("latents_std", base))
    return component(c, "vae", under("encoder", encoder), under("decoder", decoder), statistics)
