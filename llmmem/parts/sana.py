"""Linear attention and gated convolutions of Sana and its autoencoder (arXiv:2410.10629, arXiv:2410.10733)."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.parts.basic import Tensors, batch_norm
from llmmem.parts.modules import conv2d, conv3d, dense, layer_norm, under

NORMS = ("rms_norm", "layer_norm", "batch_norm")


def normalization(name: str, size: int, kind: str) -> Tensors:
    """A norm by its name in a config; RMS norms have a bias here."""
    return batch_norm(name, size) if kind == "batch_norm" else layer_norm(name, size)


def gated_conv(name: str, inputs: int, inner: int, outputs: int, *, norm: bool = False, time: int = 0) -> Tensors:
    """GLUMBConv: a convolution per channel between two of kernel 1, gated.

    Args:
        time: kernel of a convolution along time after it (0: there is none).
    """
    return under(
        name,
        conv2d("conv_inverted", inputs, 2 * inner, 1),
        conv2d("conv_depth", 2 * inner, 2 * inner, 3, groups=2 * inner),
        conv2d("conv_point", inner, outputs, 1, False),
        layer_norm("norm", outputs) if norm else (),
        conv2d_in_time("conv_temp", outputs, time) if time else (),
    )


def conv2d_in_time(name: str, width: int, kernel: int) -> Tensors:
    """A convolution along the first of two axes."""
    return tuple(t._replace(shape=t.shape[:4]) for t in conv3d(name, width, width, (kernel, 1, 1), False))


def multiscale_attention(name: str, width: int, head: int, scales: Sequence[int], kind: str) -> Tensors:
    """Linear attention over q, k, v and over what convolutions of several kernels make of them."""
    heads = width // head
    inner = heads * head
    return under(
        name,
        dense("to_q", width, inner, False),
        dense("to_k", width, inner, False),
        dense("to_v", width, inner, False),
        *(
            under(
                f"to_qkv_multiscale.{i}",
                conv2d("proj_in", 3 * inner, 3 * inner, kernel, False, 3 * inner),
                conv2d("proj_out", 3 * inner, 3 * inner, 1, False, 3 * heads),
            )
            for i, kernel in enumerate(scales)
        ),
        dense("to_out", inner * (1 + len(scales)), width, False),
        normalization("norm_out", width, kind),
    )
