"""Cosmos's autoencoder of videos."""

from __future__ import annotations

from llmmem.architectures.diffusion.base import component, sizes, unknown
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors
from llmmem.parts.modules import conv3d, gather, layer_norm, under
from llmmem.tensors import ModelSpec

IN_SPACE, IN_TIME = (1, 3, 3), (3, 1, 1)


def _norm(name: str, size: int) -> Tensors:
    return layer_norm(f"{name}.norm", size)


def _conv(name: str, inputs: int, outputs: int) -> Tensors:
    """A convolution in space, then one in time."""
    return under(name, conv3d("conv_s", inputs, outputs, IN_SPACE), conv3d("conv_t", outputs, outputs, IN_TIME))


def _resnet(name: str, inputs: int, outputs: int) -> Tensors:
    return under(
        name,
        _norm("norm1", inputs),
        _conv("conv1", inputs, outputs),
        _norm("norm2", outputs),
        _conv("conv2", outputs, outputs),
        conv3d("conv_shortcut", inputs, outputs, 1) if inputs != outputs else (),
    )


def _attention(name: str, width: int) -> Tensors:
    convs = (conv3d(n, width, width, 1) for n in ("to_q", "to_k", "to_v", "to_out.0"))
    return under(name, _norm("norm", width), *convs)


def _attentions(index: int, width: int) -> Tensors:
    return (*_attention(f"attentions.{index}", width), *_attention(f"temp_attentions.{index}", width))


def _middle(width: int) -> Tensors:
    return under("mid_block", *(_resnet(f"resnets.{i}", width, width) for i in range(2)), _attentions(0, width))


def _step(way: str, width: int, space: bool, time: bool) -> Tensors:
    """Downsampling convolves space first, upsampling time."""
    kernels = (IN_SPACE, IN_TIME) if way == "down" else (IN_TIME, IN_SPACE)
    used = (space, time) if way == "down" else (time, space)
    tensors = [
        conv3d(f"conv{i + 1}", width, width, kernel)
        for i, (kernel, there) in enumerate(zip(kernels, used, strict=True))
        if there
    ]
    if space or time:
        tensors.append(conv3d("conv3", width, width, 1))
    return under(f"{way}samplers.0", *tensors)


def _levels(c: Config, way: str, widths: list[int], depth: int) -> Tensors:
    count = len(widths) - 1
    patch = c.int("patch_size", default=4, least=1).bit_length()
    space = c.int("spatial_compression_ratio", default=8, least=1).bit_length() - patch
    time = c.int("temporal_compression_ratio", default=8, least=1).bit_length() - patch
    seen = sizes(c, "attention_resolutions", (32,))
    side = c.int("resolution", default=1024, least=1) // c.int("patch_size", default=4, least=1)
    tensors: list[Tensors] = []
    for i in range(count):
        # A level's resolution: halved by each level before it on the way down, doubled on the way up.
        here = side >> i if way == "down" else side >> (count - 1 - i)
        own = [_resnet(f"resnets.{n}", widths[i] if n == 0 else widths[i + 1], widths[i + 1]) for n in range(depth)]
        if here in seen:
            own += [_attentions(n, widths[i + 1]) for n in range(depth)]
        if i < count - 1:
            if way == "down":
                own.append(_step(way, widths[i + 1], i < space, i < time))
            else:
                later = 0 < i < time + 1
                own.append(_step(way, widths[i + 1], later or (i < space and space > time), later))
        tensors.append(under(f"{way}_blocks.{i}", *own))
    return gather(tensors)


def autoencoder_kl_cosmos(c: Config, head: str | None = None) -> ModelSpec:
    """AutoencoderKLCosmos (arXiv:2501.03575; diffusers 0.42, models/autoencoders/autoencoder_kl_cosmos.py)."""
    down = sizes(c, "encoder_block_out_channels", (128, 256, 512, 512))
    up = sizes(c, "decode_block_out_channels", (256, 512, 512, 512))[::-1]
    if min(len(down), len(up)) < 2:
        raise ConfigError("The lists of widths are too short.", "Check the config.json.")
    kind = c.str("patch_type", default="haar")
    if kind not in ("haar", "rearrange"):
        raise unknown(c, "patch_type", kind, ("haar", "rearrange"))
    latent, depth = c.int("latent_channels", default=16, least=1), c.int("num_layers", default=2, least=1)
    cube = c.int("patch_size", default=4, least=1) ** 3
    pictures, out = c.int("in_channels", default=3, least=1), c.int("out_channels", default=3, least=1)
    return component(
        c,
        "vae",
        under(
            "encoder",
            _conv("conv_in", pictures * cube, down[0]),
            _levels(c, "down", down, depth),
            _middle(down[-1]),
            _norm("norm_out", down[-1]),
            _conv("conv_out", down[-1], latent),
        ),
        under(
            "decoder",
            _conv("conv_in", latent, up[0]),
            _middle(up[0]),
            _levels(c, "up", up, depth + 1),
            _norm("norm_out", up[-1]),
            _conv("conv_out", up[-1], out * cube),
        ),
        conv3d("quant_conv", latent, latent, 1),
        conv3d("post_quant_conv", latent, latent, 1),
    )
