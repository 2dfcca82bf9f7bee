"""KVAE: Kandinsky's autoencoders of pictures and of videos."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.ldm import Kit, way_down, way_up
from llmmem.parts.modules import conv2d, conv3d, gather, layer_norm, under
from llmmem.parts.unet import spatial_norm
from llmmem.parts.video import Conv, Norm, wrapped
from llmmem.tensors import ModelSpec

LEVELS = (1, 2, 4, 8)


def _kit(conv: Conv, norm: Norm, plain: Conv, *, name: str, last: int, times: range | None) -> Kit:
    """Blocks of a way down or up.

    Args:
        conv: of a block; ``plain``: of what stands beside it and of steps.
        name: of a step.
        last: the level without one.
        times: levels whose step is one in time too; None: there is no time.
    """

    def block(name: str, inputs: int, outputs: int) -> Tensors:
        return under(
            name,
            norm("norm1", inputs),
            conv("conv1", inputs, outputs, 3),
            norm("norm2", outputs),
            conv("conv2", outputs, outputs, 3),
            plain("nin_shortcut", inputs, outputs, 1) if inputs != outputs else (),
        )

    def step(level: int, width: int) -> Tensors:
        if level == last:
            return ()
        if times is None:
            own = conv2d("spatial_conv", width, width)
        else:
            own = conv3d("spatial_conv", width, width, (1, 3, 3))
            if level in times:
                own = (*own, *conv3d("temporal_conv.conv", width, width, (3, 1, 1)))
        return under(name, own, plain("linear", width, width, 1))

    return Kit(block, step, lambda name, width: ())


def autoencoder_kl_kvae(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLKVAE (diffusers 0.42, models/autoencoders/autoencoder_kl_kvae.py)."""
    base, latent = c.int("channels", default=128, least=1), c.int("z_channels", default=16, least=1)
    widths, seen = [base * m for m in filled(c, "ch_mult", LEVELS)], c.int("in_channels", default=3, least=1)
    top, count = widths[-1], len(widths)

    def guided(name: str, width: int) -> Tensors:
        return spatial_norm(name, width, latent)

    down = _kit(conv2d, layer_norm, conv2d, name="downsample", last=count - 1, times=None)
    up = _kit(conv2d, guided, conv2d, name="upsample", last=0, times=None)
    encoder = (
        *conv2d("conv_in", seen, base),
        *way_down(down, (base, *widths), c.count("num_enc_blocks", default=2, least=1)),
        *layer_norm("norm_out", top),
        *conv2d("conv_out", top, latent * (2 if c.bool("double_z", default=True) else 1)),
    )
    decoder = (
        *conv2d("conv_in", latent, top),
        *way_up(up, widths, c.count("num_dec_blocks", default=2, least=1)),
        *guided("norm_out", widths[0]),
        *conv2d("conv_out", widths[0], seen),
    )
    return component(c, "vae", under("encoder", encoder), under("decoder", decoder))


def autoencoder_kl_kvae_video(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLKVAEVideo (diffusers 0.42, models/autoencoders/autoencoder_kl_kvae_video.py)."""
    base, latent = c.int("ch", default=128, least=1), c.int("z_channels", default=16, least=1)
    widths, depth = [base * m for m in filled(c, "ch_mult", LEVELS)], c.count("num_res_blocks", default=2, least=1)
    times = c.int("temporal_compress_times", default=4, least=1).bit_length() - 1
    top, count = widths[-1], len(widths)

    def norm(name: str, width: int) -> Tensors:
        return layer_norm(f"{name}.norm_layer", width)

    def guided(name: str, width: int) -> Tensors:
        beside = (conv3d(conv, latent, width, 1) for conv in ("conv_y", "conv_b"))
        return under(name, norm("norm_layer", width), *beside)

    down = _kit(wrapped, norm, conv3d, name="downsample", last=count - 1, times=range(times))
    up = _kit(wrapped, guided, conv3d, name="upsample", last=0, times=range(count - times, count))
    encoder = gather(
        (
            wrapped("conv_in", c.int("in_channels", default=3, least=1), base),
            way_down(down, (base, *widths), depth),
            norm("norm_out", top),
            wrapped("conv_out", top, 2 * latent),
        )
    )
    decoder = gather(
        (
            wrapped("conv_in", latent, top),
            way_up(up, widths, depth),
            guided("norm_out", widths[0]),
            wrapped("conv_out", widths[0], c.int("out_ch", default=3, least=1)),
        )
    )
    return component(c, "vae", under("encoder", encoder), under("decoder", decoder))
