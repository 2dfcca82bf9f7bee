"""What the decoders of autoencoders of pictures keep alive per pixel (diffusers 0.42, models/autoencoders)."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.work_films import FILMS, LABEL
from llmmem.config import Config
from llmmem.tensors import Diffusion

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
    if kind == "AutoencoderDC":
        return _dc(c)
    of_films = FILMS.get(kind)
    return of_films(c) if of_films else None


def _pictures(c: Config, kind: str) -> Diffusion:
    up = c.ints("up_block_out_channels") if kind == "AsymmetricAutoencoderKL" else None
    widths = up or c.ints("decoder_block_out_channels") or c.ints("block_out_channels") or list(_PICTURES[kind])
    sample = c.int("sample_size", default=1024 if kind == "AutoencoderKLFlux2" else 32, null=0)
    # Norms that the latent conditions hold two maps more, blocks over frames one.
    maps = 5 if c.str("norm_type") == "spatial" else 4 if kind == "AutoencoderKLTemporalDecoder" else 3
    tiles = kind in ("AutoencoderKL", "AutoencoderKLFlux2")
    return Diffusion(
        "vae",
        "decode",
        LABEL,
        image=_up(widths, maps),
        scale=2 ** (len(widths) - 1),
        tile=(sample, sample) if tiles else (0, 0),
        upcast=kind == "AutoencoderKL" and c.bool("force_upcast", default=True),
    )


def _up(widths: Sequence[int], maps: int) -> int:
    """Elements per pixel: so many maps of what comes into a level, at the worst one."""
    worst = 0
    for i, width in enumerate(widths):
        above = widths[min(i + 1, len(widths) - 1)]
        worst = max(worst, maps * (above if i < len(widths) - 1 else width) // 4**i)
    return worst


def _dc(c: Config) -> Diffusion:
    """A norm in fp32 beside the stream and the convolution, the level below still there."""
    widths = c.ints("decoder_block_out_channels") or [128, 256, 512, 512, 1024, 1024]
    return Diffusion("vae", "decode", LABEL, image=13 * widths[0] // 2, scale=2 ** (len(widths) - 1), tile=(512, 512))
