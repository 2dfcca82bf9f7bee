"""HunyuanVideo's causal autoencoder of videos."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures.diffusion.base import component, kinds, sizes, unknown
from llmmem.architectures.diffusion.vae.halves import FLUX
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, layer_norm, under
from llmmem.parts.unet import self_attention
from llmmem.parts.video import resnet3d, wrapped
from llmmem.tensors import ModelSpec


def _ratio(c: Config, name: str, default: int, known: Sequence[int]) -> int:
    """How many steps a compression takes."""
    value = c.int(name, default=default, least=1)
    if value not in known:
        raise unknown(c, name, value, [str(k) for k in known])
    return value.bit_length() - 1


def _steps(c: Config, count: int) -> tuple[list[bool], list[bool]]:
    """Whether each level of the encoder and of the decoder steps, in space or time."""
    space = _ratio(c, "spatial_compression_ratio", 8, (1, 2, 4, 8, 16, 32))
    time = _ratio(c, "temporal_compression_ratio", 4, (4,))
    found = [i < space or count - 1 - time <= i < count - 1 for i in range(count)]
    return found, found


def _half(
    way: str, inputs: int, outputs: int, widths: Sequence[int], depth: int, steps: Sequence[bool], attend: bool
) -> Tensors:
    """Encoder or decoder; widths in the order it passes them."""
    tensors = [wrapped("conv_in", inputs, widths[0])]
    for i, width in enumerate(widths):
        for n in range(depth):
            before = widths[max(i - 1, 0)] if n == 0 else width
            tensors.append(resnet3d(f"{way}_blocks.{i}.resnets.{n}", before, width))
        if steps[i]:
            tensors.append(wrapped(f"{way}_blocks.{i}.{way}samplers.0.conv", width, width))
    mid = widths[-1] if way == "down" else widths[0]
    middle = (
        *resnet3d("resnets.0", mid, mid),
        *resnet3d("resnets.1", mid, mid),
        *(self_attention("attentions.0", mid, mid) if attend else ()),
    )
    last = widths[-1]
    return tuple(
        t
        for group in (
            *tensors,
            under("mid_block", middle),
            layer_norm("conv_norm_out", last),
            wrapped("conv_out", last, outputs),
        )
        for t in group
    )


def autoencoder_kl_hunyuan_video(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLHunyuanVideo (arXiv:2412.03603; diffusers 0.42, autoencoders/autoencoder_kl_hunyuan_video.py)."""
    widths = sizes(c, "block_out_channels", FLUX)
    for key, kind in (("down_block_types", "HunyuanVideoDownBlock3D"), ("up_block_types", "HunyuanVideoUpBlock3D")):
        for name in kinds(c, key, (kind,)):
            if name != kind:
                raise unknown(c, key, name, (kind,))
    latent, depth = c.int("latent_channels", default=16, least=1), c.count("layers_per_block", default=2, least=1)
    attend = c.bool("mid_block_add_attention", default=True)
    down, up = _steps(c, len(widths))
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under("encoder", _half("down", pictures, 2 * latent, widths, depth, down, attend)),
        under("decoder", _half("up", latent, out, widths[::-1], depth + 1, up, attend)),
        conv3d("quant_conv", 2 * latent, 2 * latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
    )
