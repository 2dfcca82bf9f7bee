"""Convolutional autoencoders with a codebook (VQGAN, arXiv:2012.09841), for pictures and films."""

from __future__ import annotations

from llmmem.parts.attention import attention
from llmmem.parts.basic import Tensors, buffer, conv, norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.tensors import Tensor


def modulated_norm(name: str, size: int, codes: int | None) -> Tensors:
    """GroupNorm; in a decoder scaled and shifted by what two convolutions make of the ``codes`` (arXiv:2209.09002)."""
    if codes is None:
        return norm(name, size, bias=True)
    return (
        *norm(f"{name}.norm_layer", size, bias=True),
        *conv(f"{name}.conv_y", size, codes, 1, 1, bias=True),
        *conv(f"{name}.conv_b", size, codes, 1, 1, bias=True),
    )


def residual_block(name: str, inputs: int, outputs: int, codes: int | None = None) -> Tensors:
    """Two convolutions, each behind a norm, and a third beside them where the width changes."""
    return (
        *modulated_norm(f"{name}.norm1", inputs, codes),
        *conv(f"{name}.conv1", outputs, inputs, 3, 3, bias=True),
        *modulated_norm(f"{name}.norm2", outputs, codes),
        *conv(f"{name}.conv2", outputs, outputs, 3, 3, bias=True),
        *(conv(f"{name}.nin_shortcut", outputs, inputs, 1, 1, bias=True) if inputs != outputs else ()),
    )


def attention_block(name: str, hidden: int, heads: int) -> Tensors:
    """Attention over all places of a feature map."""
    width = hidden // heads
    part = attention(name, hidden, heads, heads, width, names=FAIRSEQ_QKVO, bias=True, out_bias=True, cache=None)
    return part.tensors


def temporal_block(name: str, channels: int) -> Tensors:
    """Two convolutions over time and space, each behind a BatchNorm."""
    tensors: list[Tensor] = []
    for i in (1, 2):
        tensors += norm(f"{name}.norm{i}", channels, bias=True)
        tensors += buffer(f"{name}.norm{i}.running_mean", channels)
        tensors += buffer(f"{name}.norm{i}.running_var", channels)
        tensors += (t._replace(dtype="int64") for t in buffer(f"{name}.norm{i}.num_batches_tracked"))
        tensors += conv(f"{name}.conv{i}.conv", channels, channels, 3, 3, 3, bias=True)
    return tuple(tensors)


def place_attention(name: str, channels: int) -> Tensors:
    """Attention over all places of a feature map, written as convolutions of one place, behind a norm."""
    return (
        *norm(f"{name}.norm", channels, bias=True),
        *conv(f"{name}.q", channels, channels, 1, 1, bias=True),
        *conv(f"{name}.k", channels, channels, 1, 1, bias=True),
        *conv(f"{name}.v", channels, channels, 1, 1, bias=True),
        *conv(f"{name}.proj_out", channels, channels, 1, 1, bias=True),
    )
