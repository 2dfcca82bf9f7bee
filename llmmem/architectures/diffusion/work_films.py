"""What the decoders of autoencoders of films keep alive per pixel and frame (diffusers 0.42, models/autoencoders)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llmmem.config import Config
from llmmem.tensors import Diffusion

#: the first residual block at full resolution: its input, the normed and the activated one
LABEL = "the first block at full resolution"


def _wan(c: Config) -> Diffusion:
    """Four frames at a time: two frames kept for each convolution, an RMS norm in fp32, three maps of the level."""
    base = c.int("decoder_base_dim", default=c.int("base_dim", default=96), null=c.int("base_dim", default=96))
    levels = c.ints("dim_mult") or [1, 2, 4, 4]
    patch, residual = c.optional("patch_size") or 1, c.bool("is_residual")
    return Diffusion(
        "vae",
        "decode",
        "the finest level: the frames kept for its convolutions, and a norm in fp32",
        image=(18 if residual else 11) * base,
        held=(11 if residual else 7) * base,
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
        LABEL,
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
        LABEL,
        image=23 * widths[min(1, len(widths) - 1)] // 5,
        scale=c.int("spatial_compression_ratio", default=8),
        time=c.int("temporal_compression_ratio", default=4),
        at_once=17,
        tile=(256, 256),
    )


def _ltx(c: Config) -> Diffusion:
    """All frames at once, in patches: a norm in fp32 beside the convolution and the unfolded step up."""
    widths = c.ints("decoder_block_out_channels") or c.ints("block_out_channels") or [128]
    patch = c.int("patch_size", default=4, least=1)
    return Diffusion(
        "vae",
        "decode",
        LABEL,
        image=63 * widths[0] // 10,
        patch=(1, patch, patch),
        scale=c.int("spatial_compression_ratio", default=32, null=32),
        time=c.int("temporal_compression_ratio", default=8, null=8),
        tile=(512, 512),
    )


def _mochi(c: Config) -> Diffusion:
    """All frames at once: a padded copy, the folded step up and four maps."""
    widths = c.ints("decoder_block_out_channels") or [128]
    return Diffusion("vae", "decode", LABEL, image=17 * widths[0] // 2, scale=8, time=6, tile=(256, 256))


#: class -> the function that says what it does
FILMS: dict[str, Callable[[Config], Diffusion]] = {
    "AutoencoderKLWan": _wan,
    "AutoencoderKLQwenImage": _wan,
    "AutoencoderKLCogVideoX": _cogvideox,
    "AutoencoderKLHunyuanVideo": _hunyuan_video,
    "AutoencoderKLLTXVideo": _ltx,
    "AutoencoderKLMochi": _mochi,
}
