"""Convolutions of autoencoders of waveforms: snakes, weight norms, residual blocks (DAC, arXiv:2306.06546)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from llmmem.parts.basic import Tensors, scalars
from llmmem.parts.modules import gather, under
from llmmem.tensors import Tensor


def snake(name: str, width: int) -> Tensors:
    """An activation with two learned numbers per channel (arXiv:2006.08195)."""
    return (*scalars(f"{name}.alpha", 1, width, 1), *scalars(f"{name}.beta", 1, width, 1))


def weight_norm(name: str, *shape: int, bias: int = 0) -> Tensors:
    """A convolution kept as length and direction (arXiv:1602.07868), by torch's older spelling.

    Args:
        shape: of the weight; lengths are along its first axis.
        bias: its size; 0: none.
    """
    return (
        *((Tensor(f"{name}.bias", (bias,), "bias"),) if bias else ()),
        Tensor(f"{name}.weight_g", (shape[0], 1, 1), "conv"),
        Tensor(f"{name}.weight_v", shape, "conv"),
    )


def alpha(name: str, width: int) -> Tensors:
    """An activation with one learned number per channel."""
    return scalars(f"{name}.alpha", 1, width, 1)


def parametrized(name: str, *shape: int, bias: int = 0) -> Tensors:
    """``weight_norm`` by torch's newer spelling."""
    weight = f"{name}.parametrizations.weight"
    return (
        *((Tensor(f"{name}.bias", (bias,), "bias"),) if bias else ()),
        Tensor(f"{weight}.original0", (shape[0], 1, 1), "conv"),
        Tensor(f"{weight}.original1", shape, "conv"),
    )


class Waves(NamedTuple):
    """How one class spells them."""

    #: name, width
    snake: Callable[[str, int], Tensors]
    #: as ``weight_norm``
    conv: Callable[..., Tensors]


def _units(kit: Waves, width: int) -> Tensors:
    unit = (
        *kit.snake("snake1", width),
        *kit.conv("conv1", width, width, 7, bias=width),
        *kit.snake("snake2", width),
        *kit.conv("conv2", width, width, 1, bias=width),
    )
    return gather(under(f"res_unit{n}", unit) for n in (1, 2, 3))


def down(kit: Waves, name: str, before: int, after: int, rate: int) -> Tensors:
    """Three residual units and a step down."""
    step = kit.conv("conv1", after, before, 2 * rate, bias=after)
    return under(name, _units(kit, before), kit.snake("snake1", before), step)


def up(kit: Waves, name: str, before: int, after: int, rate: int) -> Tensors:
    """A step up and three residual units."""
    step = kit.conv("conv_t1", before, after, 2 * rate, bias=after)
    return under(name, kit.snake("snake1", before), step, _units(kit, after))
