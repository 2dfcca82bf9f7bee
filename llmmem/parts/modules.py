"""Modules as torch makes them by default, with biases, and names put under one another."""

from __future__ import annotations

from collections.abc import Iterable

from llmmem.parts.basic import Tensors, conv, linear, norm
from llmmem.parts.hifigan import conv_transpose


def under(name: str, *groups: Tensors) -> Tensors:
    """Tensors as those of a module called ``name``."""
    return tuple(t._replace(name=f"{name}.{t.name}") for group in groups for t in group)


def gather(groups: Iterable[Tensors]) -> Tensors:
    """Groups of tensors one after another."""
    return tuple(t for group in groups for t in group)


def each(name: str, count: int, tensors: Tensors) -> Tensors:
    """The same tensors in each module of a list."""
    return tuple(t for i in range(count) for t in under(f"{name}.{i}", tensors))


def dense(name: str, inputs: int, outputs: int, bias: bool = True) -> Tensors:
    """torch.nn.Linear."""
    return linear(name, inputs, outputs, bias=bias)


def matrices(inputs: int, outputs: int, *names: str, bias: bool = False) -> Tensors:
    """Several matrices of one shape."""
    return gather(dense(name, inputs, outputs, bias) for name in names)


def layer_norm(name: str, size: int) -> Tensors:
    """LayerNorm or GroupNorm with scale and shift."""
    return norm(name, size, bias=True)


def conv1d(name: str, inputs: int, outputs: int, kernel: int = 3, bias: bool = True, groups: int = 1) -> Tensors:
    """torch.nn.Conv1d."""
    return conv(name, outputs, inputs // groups, kernel, bias=bias)


def conv2d(name: str, inputs: int, outputs: int, kernel: int = 3, bias: bool = True, groups: int = 1) -> Tensors:
    """torch.nn.Conv2d with a square kernel."""
    return conv(name, outputs, inputs // groups, kernel, kernel, bias=bias)


def conv3d(
    name: str, inputs: int, outputs: int, kernel: int | tuple[int, int, int] = 3, bias: bool = True, groups: int = 1
) -> Tensors:
    """torch.nn.Conv3d: kernel over time, height and width."""
    sides = (kernel,) * 3 if isinstance(kernel, int) else kernel
    return conv(name, outputs, inputs // groups, *sides, bias=bias)


def up2d(name: str, inputs: int, outputs: int, kernel: int, bias: bool = True) -> Tensors:
    """torch.nn.ConvTranspose2d with a square kernel."""
    return conv_transpose(name, inputs, outputs, kernel, kernel, bias=bias)
