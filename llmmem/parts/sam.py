"""The image encoder of Segment Anything (arXiv:2304.02643): windows, relative positions, a convolutional neck."""

from __future__ import annotations

from llmmem.parts.attention import fused_attention
from llmmem.parts.basic import Tensors, conv, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Part, Tensor, join


def sam_layer(
    hidden: int,
    heads: int,
    head_dim: int,
    intermediate: int,
    sides: tuple[int, int],
    *,
    qkv_bias: bool,
    relative: bool,
) -> Part:
    """One layer.

    Args:
        sides: of the window (or, where there is none, the whole picture) in patches.
        relative: positions along both sides are added to the scores.
    """
    tables: Tensors = ()
    if relative:
        height, width = sides
        tables = (
            Tensor("attn.rel_pos_h", (2 * height - 1, head_dim), "position"),
            Tensor("attn.rel_pos_w", (2 * width - 1, head_dim), "position"),
        )
    return join(
        norm("layer_norm1", hidden, bias=True),
        fused_attention(
            ("attn.qkv", "attn.proj"),
            hidden,
            heads,
            heads,
            head_dim,
            bias=qkv_bias,
            out_bias=True,
            cache=None,
            biased=relative,
        ),
        tables,
        norm("layer_norm2", hidden, bias=True),
        mlp(("mlp.lin1", "mlp.lin2"), hidden, intermediate),
    )


def sam_neck(hidden: int, channels: int) -> Tensors:
    """Two convolutions that make the tower's channels."""
    return (
        *conv("conv1", channels, hidden, 1, 1),
        *norm("layer_norm1", channels, bias=True),
        *conv("conv2", channels, channels, 3, 3),
        *norm("layer_norm2", channels, bias=True),
    )
