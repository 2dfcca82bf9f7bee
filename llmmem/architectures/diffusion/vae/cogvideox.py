"""CogVideoX's autoencoder of videos."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, kinds, sizes, unknown
from llmmem.config import Config
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv2d, conv3d, gather, layer_norm, under
from llmmem.parts.video import Norm, resnet3d, wrapped
from llmmem.tensors import ModelSpec

WIDTHS = (128, 256, 256, 512)


def _latent_norm(latent: int) -> Norm:
    """Scale and shift computed from the latent (MoVQ, arXiv:2209.09002), over frames."""

    def norm(name: str, size: int) -> Tensors:
        return under(
            name,
            layer_norm("norm_layer", size),
            wrapped("conv_y", latent, size, 1),
            wrapped("conv_b", latent, size, 1),
        )

    return norm


def _half(way: str, inputs: int, outputs: int, widths: list[int], depth: int, norm: Norm) -> Tensors:
    """Encoder or decoder; widths in the order it passes them."""

    def one(name: str, before: int, width: int) -> Tensors:
        return resnet3d(name, before, width, wrapped, norm, beside=conv3d)

    tensors = [wrapped("conv_in", inputs, widths[0])]
    for i, width in enumerate(widths):
        for n in range(depth):
            tensors.append(one(f"{way}_blocks.{i}.resnets.{n}", widths[max(i - 1, 0)] if n == 0 else width, width))
        if i < len(widths) - 1:
            tensors.append(conv2d(f"{way}_blocks.{i}.{way}samplers.0.conv", width, width))
    mid, last = widths[-1] if way == "down" else widths[0], widths[-1]
    tensors += [one(f"mid_block.resnets.{n}", mid, mid) for n in range(2)]
    return gather((*tensors, norm("norm_out", last), wrapped("conv_out", last, outputs)))


def autoencoder_kl_cogvideox(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLCogVideoX (arXiv:2408.06072; diffusers 0.42, models/autoencoders/autoencoder_kl_cogvideox.py)."""
    widths = sizes(c, "block_out_channels", WIDTHS)
    for key, kind in (("down_block_types", "CogVideoXDownBlock3D"), ("up_block_types", "CogVideoXUpBlock3D")):
        for name in kinds(c, key, (kind,)):
            if name != kind:
                raise unknown(c, key, name, (kind,))
    latent, depth = c.int("latent_channels", default=16, least=1), c.count("layers_per_block", default=3, least=1)
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under("encoder", _half("down", pictures, 2 * latent, widths, depth, layer_norm)),
        under("decoder", _half("up", latent, out, widths[::-1], depth + 1, _latent_norm(latent))),
        # As the class has it: their width is that of the picture.
        conv3d("quant_conv", 2 * out, 2 * out, 1) if c.bool("use_quant_conv") else (),
        conv3d("post_quant_conv", out, out, 1) if c.bool("use_post_quant_conv") else (),
    )
