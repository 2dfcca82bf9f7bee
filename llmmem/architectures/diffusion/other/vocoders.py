"""Vocoders: from a spectrogram to sound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from llmmem.architectures.diffusion.base import component, unknown
from llmmem.architectures.diffusion.lists import filled
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer, scalars
from llmmem.parts.hifigan import conv_transpose
from llmmem.parts.modules import conv1d, gather, under
from llmmem.tensors import ModelSpec

KERNELS = (3, 7, 11)


def depths(c: Config, name: str, count: int) -> list[int]:
    """How many dilations the residual blocks of each kernel have.

    Raises:
        ConfigError: no list of lists, one for each kernel.
    """
    value = c.list(name)
    lists = [[1, 3, 5]] * 3 if value is None else value
    if len(lists) != count or not all(isinstance(v, list) for v in lists):
        raise ConfigError(f"{name} should hold a list for each of {count} kernels.", "Check the config.json.")
    return [len(v) for v in lists]


def activation(name: str, width: int, taps: int, beta: bool) -> Tensors:
    """SnakeBeta (arXiv:2306.15687), between an upsampling and a downsampling filter where there are taps."""
    numbers = ("alpha", "beta") if beta else ("alpha",)
    filters = (*buffer("upsample.filter", 1, 1, taps), *buffer("downsample.filter", 1, 1, taps)) if taps else ()
    inner = "act." if taps else ""
    return under(name, gather(scalars(inner + n, width) for n in numbers), filters)


def _ltx2(c: Config, own: str, width: int, steps: Sequence[int], act: str, smooth: bool, bias: bool) -> Tensors:
    """LTX2Vocoder; ``own``: what its keys begin with."""
    kernels = filled(c, f"{own}resnet_kernel_sizes", KERNELS)
    deep = depths(c, f"{own}resnet_dilations", len(kernels))
    act, smooth = c.str(f"{own}act_fn", default=act), c.bool(f"{own}antialias", default=smooth)
    if act not in ("leaky_relu", "snake", "snakebeta") or (act == "leaky_relu" and smooth):
        raise unknown(c, f"{own}act_fn", act, ("snakebeta", "snake", "leaky_relu without antialias"))
    full = c.int(f"{own}antialias_ratio", default=2, least=1) * 6 // 2 * 2
    taps = c.int(f"{own}antialias_kernel_size", default=12, null=full, least=1)
    seen, heard = c.int(f"{own}in_channels", default=128, least=1), c.int(f"{own}out_channels", default=2, least=1)
    width, steps = (
        c.int(f"{own}hidden_channels", default=width, least=1),
        filled(c, f"{own}upsample_kernel_sizes", steps),
    )
    c.list(f"{own}upsample_factors")  # how far each step goes, which sizes no tensor

    def block(name: str, width: int, kernel: int, count: int) -> Tensors:
        tensors = []
        for n, side in product(range(count), (1, 2)):
            tensors.append(conv1d(f"{name}.convs{side}.{n}", width, width, kernel))
            if act != "leaky_relu":
                tensors.append(activation(f"{name}.acts{side}.{n}", width, taps * smooth, act == "snakebeta"))
        return gather(tensors)

    tensors = [conv1d("conv_in", seen, width, 7)]
    for i, step in enumerate(steps):
        tensors.append(conv_transpose(f"upsamplers.{i}", width, width // 2, step))
        width //= 2
        for j, (kernel, count) in enumerate(zip(kernels, deep, strict=True)):
            tensors.append(block(f"resnets.{i * len(kernels) + j}", width, kernel, count))
    if act != "leaky_relu":  # the last one has a filter and a beta whatever the others have
        tensors.append(activation("act_out", width, taps, True))
    return gather((*tensors, conv1d("conv_out", width, heard, 7, c.bool(f"{own}final_bias", default=bias))))


def ltx2_vocoder(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2Vocoder (diffusers 0.42, pipelines/ltx2/vocoder.py)."""
    return component(c, "vocoder", _ltx2(c, "", 1024, (16, 15, 8, 4, 4), "leaky_relu", False, True))


def ltx2_vocoder_with_bwe(c: Config, head: str | None = None) -> ModelSpec:
    """LTX2VocoderWithBWE: a second vocoder widens the band of what the first made."""
    taps, mels = c.int("filter_length", default=512, least=1), c.int("num_mel_channels", default=64, least=1)
    half = taps // 2 + 1
    return component(
        c,
        "vocoder",
        under("vocoder", _ltx2(c, "", 1536, (11, 4, 4, 4, 4, 4), "snakebeta", True, False)),
        under("bwe_generator", _ltx2(c, "bwe_", 512, (12, 11, 4, 4, 4), "snakebeta", True, False)),
        buffer("mel_stft.mel_basis", mels, half),
        buffer("mel_stft.stft_fn.forward_basis", 2 * half, 1, taps),
        buffer("mel_stft.stft_fn.inverse_basis", 2 * half, 1, taps),
    )
