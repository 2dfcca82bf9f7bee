"""Blocks of mobile convolutional networks: MobileNetV4 (arXiv:2404.10518) and V5. Their norms have no biases."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, conv, norm, scalars
from llmmem.tensors import Part, Work


def pointwise(prefix: str, inputs: int, outputs: int, *, kernel: int = 1, bias: bool = False) -> Tensors:
    """A convolution and its norm."""
    return (*conv(f"{prefix}conv", outputs, inputs, kernel, kernel, bias=bias), *norm(f"{prefix}bn", outputs))


def edge_residual(inputs: int, outputs: int, expand: int) -> Part:
    """A full 3x3 convolution that widens, and a pointwise one that narrows."""
    wide = expand * inputs
    tensors = (
        *conv("conv_exp", wide, inputs, 3, 3),
        *norm("bn1", wide),
        *conv("conv_pwl", outputs, wide, 1, 1),
        *norm("bn2", outputs),
    )
    return Part(tensors, (), (Work("conv", 2 * wide + outputs),))


def inverted_bottleneck(inputs: int, outputs: int, expand: int, *, start: int = 0, middle: int = 0) -> Part:
    """The universal inverted bottleneck: depthwise convolutions before and within the wide part are optional.

    Args:
        start, middle: sides of those kernels; 0 where there is none.
    """
    wide = expand * inputs
    tensors = (
        *((*conv("dw_start.conv", inputs, 1, start, start), *norm("dw_start.bn", inputs)) if start else ()),
        *pointwise("pw_exp.", inputs, wide),
        *((*conv("dw_mid.conv", wide, 1, middle, middle), *norm("dw_mid.bn", wide)) if middle else ()),
        *pointwise("pw_proj.", wide, outputs),
        *scalars("layer_scale.gamma", outputs),
    )
    return Part(tensors, (), (Work("conv", 2 * wide + outputs),))


def mobile_attention(width: int, heads: int, head_dim: int, *, shrink: int = 0) -> Part:
    """Multi-query attention on pictures, whose keys and values may be read from a smaller one.

    Args:
        shrink: side of the depthwise kernel that makes it smaller; 0: keys and values are read from the picture.
    """
    tensors: Tensors = (*norm("norm", width), *conv("attn.query.proj", heads * head_dim, width, 1, 1))
    for name in ("key", "value"):
        if shrink:
            tensors += (*conv(f"attn.{name}.down_conv", width, 1, shrink, shrink), *norm(f"attn.{name}.norm", width))
        tensors += conv(f"attn.{name}.proj", head_dim, width, 1, 1)
    tensors += (*conv("attn.output.proj", width, heads * head_dim, 1, 1), *scalars("layer_scale.gamma", width))
    return Part(tensors, (), (Work("attention", heads * head_dim * 3, heads, 1, head_dim),))
