"""What the decoders of autoencoders keep alive per pixel (diffusers 0.42, models/autoencoders)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmmem.config import Config
from llmmem.tensors import Diffusion

#: the first residual block at full resolution: its input, the normed and the activated one
_LABEL = "the first block at full resolution"
#: convolutions of pictures: one level for each width
_PICTURES = {
    "AutoencoderKL": (64,),
    "AutoencoderKLFlux2": (128, 256, 512, 512),
    "VQModel": (64,),
    "AsymmetricAutoencoderKL": (64,),
    "AutoencoderKLTemporalDecoder": (64,),
}


def decoder(c: Config, kind: str) -> Diffusion | None:
    """What the decoder of an autoencoder does; None where that is not described."""
    if kind in _PICTURES:
        return _pictures(c, kind)
    video = {
        "AutoencoderKLWan": _wan,
        "AutoencoderKLQwenImage": _wan,
        "AutoencoderKLCogVideoX": _cogvideox,
        "AutoencoderKLHunyuanVideo": _hunyuan_video,
    }.get(kind)
    return video(c) if video else None


def _pictures(c: Config, kind: str) -> Diffusion:
    up = c.ints("up_block_out_channels") if kind == "AsymmetricAutoencoderKL" else None
    widths = up or c.ints("decoder_block_out_channels") or c.ints("block_out_channels") or list(_PICTURES[kind])
    sample = c.int("sample_size", default=1024 if kind == "AutoencoderKLFlux2" else 32, null=0)
    tiles = kind in ("AutoencoderKL", "AutoencoderKLFlux2")
    return Diffusion(
        "vae",
        "decode",
        _LABEL,
        image=_up(widths),
        scale=2 ** (len(widths) - 1),
        tile=(sample, sample) if tiles else (0, 0),
        upcast=kind == "AutoencoderKL" and c.bool("force_upcast", default=True),
    )


def _up(widths: Sequence[int]) -> int:
    """Elements per pixel: three maps of what comes into a level, or what a step up makes of its own, at the worst."""
    worst = 0
    for i, width in enumerate(widths):
        above = widths[min(i + 1, len(widths) - 1)]
        worst = max(worst, (3 * above if i < len(widths) - 1 else 3 * width) // 4**i)
    return worst


def _wan(c: Config) -> Diffusion:
    """Four frames at a time: two frames kept for each convolution, an RMS norm in fp32, three maps of the level."""
    base = c.int("decoder_base_dim", default=c.int("base_dim", default=96), null=c.int("base_dim", default=96))
    levels = c.ints("dim_mult") or [1, 2, 4, 4]
    patch = c.optional("patch_size") or 1
    return Diffusion(
        "vae",
        "decode",
        "the finest level: the frames kept for its convolutions, and a norm in fp32",
        image=51 * base // 4,
        patch=(1, patch, patch),
        scale=2 ** (len(levels) - 1) * patch,
        time=2 ** sum(bool(v) for v in _flags(c.list("temperal_downsample"), (False, True, True))),
        at_once=4,
        tile=(256, 256),
    )


def _flags(value: list[Any] | None, default: Sequence[bool]) -> Sequence[Any]:
    return default if value is None else value


def _cogvideox(c: Config) -> Diffusion:
    """Eight frames at a time (two latents); the norm conditioned on the latent makes copies in fp32."""
    widths = c.ints("block_out_channels") or [128, 256, 256, 512]
    high, wide = c.int("sample_height", default=480), c.int("sample_width", default=720)
    return Diffusion(
        "vae",
        "decode",
        _LABEL,
        image=45 * widths[min(1, len(widths) - 1)] // 4,
        scale=2 ** (len(widths) - 1),
        time=int(c.number("temporal_compression_ratio", default=4)),
        at_once=8,
        tile=(high // 2, wide // 2),
    )


def _hunyuan_video(c: Config) -> Diffusion:
    """Sixteen frames at a time and one more; convolutions pad their input with a copy."""
    widths = c.ints("block_out_channels") or [128, 256, 512, 512]
    return Diffusion(
        "vae",
        "decode",
        _LABEL,
        image=4 * widths[min(1, len(widths) - 1)],
        scale=c.int("spatial_compression_ratio", default=8),
        time=c.int("temporal_compression_ratio", default=4),
        at_once=17,
        tile=(256, 256),
    )
