"""How wav2vec 2.0 and its kin get from the raw sound to their layers: convolutions, and positions by convolution."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.tensors import Block, Part, Tensor, Work

KERNELS, STRIDES = [10, 3, 3, 3, 3, 2, 2], [5, 2, 2, 2, 2, 2, 2]


def convolutions(
    c: Config,
    default: tuple[list[int], list[int], list[int]] = ([512] * 7, KERNELS, STRIDES),
    *,
    normed: bool = False,
) -> tuple[Part, int]:
    """What turns samples into frames, and the width of a frame.

    Args:
        default: channels, kernels and steps of the class.
        normed: every convolution has a norm, whatever the config says.

    Raises:
        ConfigError: lists of different lengths, or an unknown norm.
    """
    keys = ("conv_dim", "conv_kernel", "conv_stride")
    dims, kernels, strides = (c.ints(key) or value for key, value in zip(keys, default, strict=True))
    if not len(dims) == len(kernels) == len(strides):
        raise ConfigError("conv_dim, conv_kernel and conv_stride differ in length.", "Check the config.json.")
    sort = "layer" if normed else c.str("feat_extract_norm", default="group")
    if sort not in ("group", "layer"):
        raise ConfigError(f"feat_extract_norm is {sort[:40]!r}.", "It is group or layer.")
    tensors: Tensors = ()
    for i, (inputs, outputs, kernel) in enumerate(zip([1, *dims], dims, kernels, strict=False)):
        name = f"conv_layers.{i}"
        tensors += conv(f"{name}.conv", outputs, inputs, kernel, bias=c.bool("conv_bias"))
        if sort == "layer" or i == 0:
            tensors += norm(f"{name}.layer_norm", outputs, bias=True)
    # A frame comes of many steps of the first convolution: what it gives, and what norm and activation make of it.
    return Part(tensors, (), (Work("conv", 2 * prod(strides[1:]) * dims[0]),)), dims[-1]


def position_groups(c: Config, hidden: int) -> int:
    """Channels that one of the convolution of positions reads."""
    return divide(c, "hidden_size over its groups", hidden, c.int("num_conv_pos_embedding_groups", default=16))


def positional(c: Config, hidden: int) -> Tensors:
    """A convolution whose weight is kept as length and direction of each tap (arXiv:1602.07868)."""
    taps = c.int("num_conv_pos_embeddings", default=128)
    return (
        Tensor("conv.bias", (hidden,), "bias"),
        Tensor("conv.parametrizations.weight.original0", (1, 1, taps), "conv"),
        Tensor("conv.parametrizations.weight.original1", (hidden, position_groups(c, hidden), taps), "conv"),
    )


def projected(width: int, hidden: int, *, normed: bool = True) -> Block:
    """From a frame to the width of the layers."""
    first = norm("layer_norm", width, bias=True) if normed else ()
    return Block("audio", "feature_projection.", (*first, *linear("projection", width, hidden, bias=True)))


def encoder_frame(c: Config, hidden: int, layers: Sequence[Block]) -> list[Block]:
    """Positions by convolution, a norm, and the layers; the norm acts before or after them."""
    return [
        Block("audio", "encoder.pos_conv_embed.", positional(c, hidden)),
        Block("audio", "encoder.", norm("layer_norm", hidden, bias=True)),
        *layers,
    ]
