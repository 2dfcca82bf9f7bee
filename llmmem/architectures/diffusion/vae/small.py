"""Small and lopsided autoencoders of pictures."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, sizes
from llmmem.architectures.diffusion.vae.halves import decoder, encoder
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, under
from llmmem.tensors import ModelSpec


def autoencoder_tiny(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderTiny (TAESD; diffusers 0.42, models/autoencoders/autoencoder_tiny.py)."""
    latent = c.int("latent_channels", default=4, least=1)
    down, up = (sizes(c, f"{n}_block_out_channels", (64,) * 4) for n in ("encoder", "decoder"))
    down_counts = sizes(c, "num_encoder_blocks", (1, 3, 3, 3))
    up_counts = sizes(c, "num_decoder_blocks", (3, 3, 3, 1))
    if len(down) != len(down_counts) or len(up) != len(up_counts) or not down or not up:
        raise ConfigError("Widths and numbers of blocks differ in length.", "Check the config.json.")
    pictures = c.int("in_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under("encoder.layers", *_tiny_encoder(pictures, latent, down, down_counts)),
        under("decoder.layers", *_tiny_decoder(latent, c.int("out_channels", default=3, least=1), up, up_counts)),
    )


def _block(name: str, width: int) -> Tensors:
    return tuple(t for i in (0, 2, 4) for t in conv2d(f"{name}.conv.{i}", width, width))


def _tiny_encoder(pictures: int, latent: int, widths: Sequence[int], counts: Sequence[int]) -> list[Tensors]:
    tensors: list[Tensors] = []
    index = 0
    for i, (width, count) in enumerate(zip(widths, counts, strict=True)):
        tensors.append(conv2d(f"{index}", pictures if i == 0 else width, width, bias=i == 0))
        tensors += [_block(f"{index + 1 + n}", width) for n in range(count)]
        index += 1 + count
    return [*tensors, conv2d(f"{index}", widths[-1], latent)]


def _tiny_decoder(latent: int, pictures: int, widths: Sequence[int], counts: Sequence[int]) -> list[Tensors]:
    tensors = [conv2d("0", latent, widths[0])]
    index = 2  # an activation has the first
    for i, (width, count) in enumerate(zip(widths, counts, strict=True)):
        last = i == len(counts) - 1
        tensors += [_block(f"{index + n}", width) for n in range(count)]
        index += count + (0 if last else 1)  # an upsampling has an index of its own
        tensors.append(conv2d(f"{index}", width, pictures if last else width, bias=last))
        index += 1
    return tensors


def asymmetric_autoencoder_kl(c: Config, head: str | None = None) -> ModelSpec:
    """AsymmetricAutoencoderKL (arXiv:2306.04632): a larger decoder that also sees the picture outside a mask."""
    latent = c.int("latent_channels", default=4, least=1)
    down, up = sizes(c, "down_block_out_channels", (64,)), sizes(c, "up_block_out_channels", (64,))
    depth, deep = c.int("layers_per_down_block", default=1, least=1), c.int("layers_per_up_block", default=1, least=1)
    pictures = c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        encoder(c, 2 * latent, down, depth, 1),
        decoder(c, latent, up, deep, 1, extra=_mask_encoder(pictures, up[0], up[-1])),
        conv2d("quant_conv", 2 * latent, 2 * latent, 1),
        conv2d("post_quant_conv", latent, latent, 1),
    )


def _mask_encoder(pictures: int, first: int, most: int) -> Tensors:
    """condition_encoder: four convolutions that double their width up to ``most``."""
    widths: list[int] = []
    width = first
    for _ in range(4):  # strides 16, 8, 4, 2
        width = min(width, most)
        widths.append(width)
        width *= 2
    widths.append(most)
    inputs = [pictures, *widths]
    return tuple(
        t
        for i, w in enumerate(widths)
        for t in conv2d(f"condition_encoder.layers.{i}", inputs[i], w, 3 if i < 2 else 4)
    )
