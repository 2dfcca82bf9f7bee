"""SEANet (arXiv:2009.02095): the convolutions of neural codecs, between a waveform and a few vectors a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from llmmem.parts.basic import Tensors, conv
from llmmem.parts.hifigan import conv_transpose
from llmmem.tensors import Tensor

#: name, inputs, outputs, kernel, whether it is transposed
Convolution = Callable[[str, int, int, int, bool], Tensors]


class SeaNet(NamedTuple):
    """Sizes of the encoder; the decoder mirrors them."""

    #: of the sound: mono or stereo
    channels: int
    #: after the first convolution; each step down doubles them
    filters: int
    hidden: int
    #: steps of the decoder
    ratios: Sequence[int]
    #: residual blocks of a level
    residuals: int
    kernel: int
    last_kernel: int
    residual_kernel: int
    #: how much narrower a residual block is within
    compress: int
    #: a residual block has a convolution beside it
    shortcut: bool
    #: recurrent layers at the narrow end
    lstm: int = 0


def plain(name: str, inputs: int, outputs: int, kernel: int, transposed: bool) -> Tensors:
    """A convolution and its bias."""
    if transposed:
        return conv_transpose(f"{name}.conv", inputs, outputs, kernel)
    return conv(f"{name}.conv", outputs, inputs, kernel, bias=True)


def weight_norm(name: str, inputs: int, outputs: int, kernel: int, transposed: bool) -> Tensors:
    """A convolution whose weight is kept as length and direction of each row (arXiv:1602.07868)."""
    shape = (inputs, outputs, kernel) if transposed else (outputs, inputs, kernel)
    weight = f"{name}.conv.parametrizations.weight"
    return (
        Tensor(f"{name}.conv.bias", (outputs,), "bias"),
        Tensor(f"{weight}.original0", (shape[0], 1, 1), "conv"),
        Tensor(f"{weight}.original1", shape, "conv"),
    )


def lstm(name: str, width: int, layers: int) -> Tensors:
    """torch.nn.LSTM of equal widths; its matrices are bare parameters, so conversions pass them by."""
    gates = 4 * width
    tensors: list[Tensor] = []
    for i in range(layers):
        tensors += (
            Tensor(f"{name}.weight_ih_l{i}", (gates, width), "scalar"),
            Tensor(f"{name}.weight_hh_l{i}", (gates, width), "scalar"),
            Tensor(f"{name}.bias_ih_l{i}", (gates,), "bias"),
            Tensor(f"{name}.bias_hh_l{i}", (gates,), "bias"),
        )
    return tuple(tensors)


def _residual(s: SeaNet, name: str, width: int, make: Convolution) -> Tensors:
    inner = width // s.compress
    return (
        *make(f"{name}.block.1", width, inner, s.residual_kernel, False),
        *make(f"{name}.block.3", inner, width, 1, False),
        *(make(f"{name}.shortcut", width, width, 1, False) if s.shortcut else ()),
    )


def seanet_encoder(s: SeaNet, make: Convolution = plain) -> Tensors:
    """From sound to vectors; activations take an index of their own."""
    tensors = [*make("layers.0", s.channels, s.filters, s.kernel, False)]
    index, width = 1, s.filters
    for ratio in reversed(s.ratios):
        for i in range(index, index + s.residuals):
            tensors += _residual(s, f"layers.{i}", width, make)
        index += s.residuals + 1
        tensors += make(f"layers.{index}", width, 2 * width, 2 * ratio, False)
        index, width = index + 1, 2 * width
    if s.lstm:
        tensors += lstm(f"layers.{index}.lstm", width, s.lstm)
        index += 1
    tensors += make(f"layers.{index + 1}", width, s.hidden, s.last_kernel, False)
    return tuple(tensors)


def seanet_decoder(s: SeaNet, make: Convolution = plain) -> Tensors:
    """From vectors to sound."""
    width = s.filters << len(s.ratios)
    tensors = [*make("layers.0", s.hidden, width, s.kernel, False)]
    index = 1
    if s.lstm:
        tensors += lstm("layers.1.lstm", width, s.lstm)
        index = 2
    for ratio in s.ratios:
        tensors += make(f"layers.{index + 1}", width, width // 2, 2 * ratio, True)
        index, width = index + 2, width // 2
        for i in range(index, index + s.residuals):
            tensors += _residual(s, f"layers.{i}", width, make)
        index += s.residuals
    tensors += make(f"layers.{index + 1}", s.filters, s.channels, s.last_kernel, False)
    return tuple(tensors)
