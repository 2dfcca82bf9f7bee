"""Sana's deep-compression autoencoder."""

from __future__ import annotations

from typing import Any

from llmmem.architectures.diffusion.base import component, per_block, sizes, unknown, whole
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, layer_norm, under
from llmmem.parts.sana import NORMS, gated_conv, multiscale_attention, normalization
from llmmem.tensors import ModelSpec

WIDTHS = (128, 256, 512, 512, 1024, 1024)
SCALES = ((), (), (), (5,), (5,), (5,))


def _block(c: Config, kind: Any, width: int, head: int, norm: Any, scales: Any) -> Tensors:
    if norm not in NORMS:
        raise unknown(c, "norm type", norm, NORMS)
    if kind == "ResBlock":
        return (
            *conv2d("conv1", width, width),
            *conv2d("conv2", width, width, 3, False),
            *normalization("norm", width, norm),
        )
    if kind != "EfficientViTBlock":
        raise unknown(c, "block type", kind, ("ResBlock", "EfficientViTBlock"))
    kernels = [whole("qkv_multiscales", s) for s in scales or ()]
    return (
        *multiscale_attention("attn", width, head, kernels, norm),
        *gated_conv("conv_out", width, 4 * width, width, norm=True),
    )


def _half(c: Config, side: str, depths: tuple[int, ...]) -> tuple[list[int], list[int], list[list[Tensors]]]:
    """Widths, depths and the blocks of every level of one half."""
    widths = sizes(c, f"{side}_block_out_channels", WIDTHS)
    count = len(widths)
    counts = sizes(c, f"{side}_layers_per_block", depths)
    scales = c.list(f"{side}_qkv_multiscales") or list(SCALES)
    if count < 2 or len(counts) != count or len(scales) < count:
        raise ConfigError(f"The {side}'s lists do not fit its {count} levels.", "Check the config.json.")
    types = per_block(c, f"{side}_block_types", count, "ResBlock")
    norms = per_block(c, "decoder_norm_types", count, "rms_norm") if side == "decoder" else ["rms_norm"] * count
    head = c.int("attention_head_dim", default=32, least=1)
    blocks = [[_block(c, types[i], widths[i], head, norms[i], scales[i])] * counts[i] for i in range(count)]
    return widths, counts, blocks


def autoencoder_dc(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderDC (arXiv:2410.10733; diffusers 0.42, models/autoencoders/autoencoder_dc.py)."""
    pictures, latent = c.int("in_channels", default=3, least=1), c.int("latent_channels", default=32, least=1)
    # A step folds four places into channels, or is a convolution of stride 2; it unfolds or interpolates.
    kind = c.get("downsample_block_type") if c.has("downsample_block_type") else "pixel_unshuffle"
    fold = 4 if kind == "pixel_unshuffle" else 1
    unfold = 1 if c.str("upsample_block_type", default="pixel_shuffle") == "interpolate" else 4
    widths, counts, blocks = _half(c, "encoder", (2, 2, 2, 3, 3, 3))
    if counts[0]:
        encoder = [conv2d("conv_in", pictures, widths[0])]
    else:
        encoder = [conv2d("conv_in.conv", pictures, widths[1] // fold)]
    for i, own in enumerate(blocks):
        if i < len(widths) - 1 and own:
            own = [*own, conv2d("conv", widths[i], widths[i + 1] // fold)]
        encoder += [under(f"down_blocks.{i}.{n}", b) for n, b in enumerate(own)]
    encoder.append(conv2d("conv_out", widths[-1], latent))
    widths, counts, blocks = _half(c, "decoder", (3, 3, 3, 3, 3, 3))
    decoder = [conv2d("conv_in", latent, widths[-1])]
    for i, own in enumerate(blocks):
        if i < len(widths) - 1 and own:
            own = [conv2d("conv", widths[i + 1], widths[i] * unfold), *own]
        decoder += [under(f"up_blocks.{i}.{n}", b) for n, b in enumerate(own)]
    last = widths[0] if counts[0] else widths[1]
    decoder.append(layer_norm("norm_out", last))
    decoder.append(
        conv2d("conv_out", last, pictures) if counts[0] else conv2d("conv_out.conv", last, pictures * unfold)
    )
    return component(c, "vae", under("encoder", *encoder), under("decoder", *decoder))
