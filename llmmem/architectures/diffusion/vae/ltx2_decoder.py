"""LTX-2.5's decoder that denoises pixels."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, layers, whole
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import MOST_LAYERS, Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, norm, scalars
from llmmem.parts.denoise import attention, qk_norms, timestep
from llmmem.parts.modules import dense, under
from llmmem.tensors import ModelSpec

#: shifts, scales and gates of a block
_CHUNKS = 7
STRIDES = ((1, 2, 2), (2, 1, 1), (2, 2, 2), (2, 2, 2))


def _block(width: int, head: int) -> Tensors:
    inner = (4 * width + 15) // 16 * 16
    return (
        *norm("norm1", width),
        *attention("attn", width, width, bias=True, extra=qk_norms(head)),
        *norm("norm2", width),
        *dense("mlp.w_up", width, inner, False),
        *dense("mlp.w_gate", width, inner, False),
        *dense("mlp.w_down", inner, width, False),
    )


def _volumes(c: Config, name: str) -> list[int]:
    """By how much each stage multiplies places."""
    value = c.list(name)
    strides = STRIDES if value is None else value
    out = []
    for stride in strides:
        if not isinstance(stride, list | tuple) or len(stride) != 3:
            raise ConfigError(f"{name} should hold lists of three numbers.", "Check the config.json.")
        time, high, wide = (whole(name, side) for side in stride)
        out.append(time * high * wide)
    return out


def ltx2_video_diffusion_decoder(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2VideoDiffusionDecoderModel (diffusers 0.42, models/autoencoders/ltx2_diffusion_decoder.py)."""
    latent, own = c.int("latent_channels", default=128, least=1), c.int("decoder_head_dim", default=64, least=1)
    widths, depths = (
        filled(c, "decoder_stage_channels", (2048, 1024, 512, 512, 256)),
        filled(c, "decoder_stage_depths", (4, 6, 4, 2, 8), MOST_LAYERS),
    )
    volumes, fewer = (
        _volumes(c, "decoder_upsample_strides"),
        filled(c, "decoder_upsample_channel_reductions", (2, 2, 1, 2)),
    )
    if not len(widths) == len(depths) == len(volumes) + 1 == len(fewer) + 1:
        raise ConfigError("The stages' channels, depths and strides differ in length.", "Check the config.json.")
    last, time = widths[-1], c.int("decoder_t_emb_dim", default=384, least=1)
    pixels = c.int("out_channels", default=3, least=1) * c.int("patch_size", default=4, least=1) ** 2
    for width in widths:
        divide(c, "decoder_stage_channels", width, own)
    ends = [
        dense("conv_in", latent, widths[0]),
        *(dense(f"upsamples.{i}.proj", widths[i], volume * widths[i] // fewer[i]) for i, volume in enumerate(volumes)),
        timestep("t_embedder.timestep_embedder", time),
        dense("conv_in_x_t", pixels, last),
        dense("shared_adaln.proj", time, _CHUNKS * last),
        norm("norm_out", last),
        dense("conv_out", last, pixels),
    ]
    final = (*scalars("scale_shift_table", _CHUNKS, last), *dense("context_proj", last, last), *_block(last, own))
    return component(
        c,
        "vae",
        (*buffer("latents_mean", latent), *buffer("latents_std", latent)),
        under("decoder", *ends),
        *(
            layers(f"decoder.det_stages.{i}", depth, _block(width, own))
            for i, (width, depth) in enumerate(zip(widths[:-1], depths[:-1], strict=True))
        ),
        layers("decoder.diff_blocks", depths[-1], final),
        hidden=widths[0],
    )
