"""The conformer of the Universal Speech Model (arXiv:2303.01037), and linear layers that clip what passes them."""

from __future__ import annotations

from collections.abc import Callable

from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, buffer, conv, linear, norm, scalars
from llmmem.tensors import Part, Work, join

#: makes the tensors of a linear layer: ``linear`` or ``clipped_linear``
Make = Callable[..., Tensors]


def bounds(*names: str) -> Tensors:
    """Where linear layers clip their inputs and outputs."""
    ends = ("input_min", "input_max", "output_min", "output_max")
    return tuple(t for name in names for end in ends for t in buffer(f"{name}.{end}"))


def clipped_linear(name: str, inputs: int, outputs: int, *, clips: bool, cut: str | None = None) -> Tensors:
    """A linear layer inside another, with bounds where it clips."""
    return (*linear(f"{name}.linear", inputs, outputs, cut=cut), *(bounds(name) if clips else ()))


def feed_forward(name: str, hidden: int, make: Make) -> Part:
    """Half a step of the conformer, with norms before and after."""
    tensors = (
        *norm(f"{name}.pre_layer_norm", hidden),
        *make(f"{name}.ffw_layer_1", hidden, 4 * hidden, cut=COLUMN),
        *make(f"{name}.ffw_layer_2", 4 * hidden, hidden, cut=ROW),
        *norm(f"{name}.post_layer_norm", hidden),
    )
    return Part(tensors, (), (Work("mlp", 8 * hidden),))


def local_attention(name: str, hidden: int, heads: int, span: int, make: Make, *, relative: str, post: str) -> Part:
    """Attention within chunks, with relative positions and a scale per channel of a head.

    Args:
        span: tokens a chunk sees.
        relative, post: names of the projections of positions and of the output.
    """
    head_dim = hidden // heads
    width = heads * head_dim
    tensors = (
        *scalars(f"{name}.per_dim_scale", head_dim),
        *(t for n in ("q_proj", "k_proj", "v_proj") for t in make(f"{name}.{n}", hidden, width, cut=COLUMN)),
        *linear(relative, hidden, width, cut=COLUMN),
        *make(post, hidden, hidden, cut=ROW),
    )
    return Part(tensors, (), (attention_work(heads, heads, head_dim, window=span),))


def light_convolution(name: str, hidden: int, kernel: int, make: Make) -> Part:
    """A gated linear unit, a depthwise convolution, and norms before either."""
    return join(
        norm(f"{name}.pre_layer_norm", hidden),
        make(f"{name}.linear_start", hidden, 2 * hidden, cut=COLUMN),
        conv(f"{name}.depthwise_conv1d", hidden, 1, kernel, shard=0),
        norm(f"{name}.conv_norm", hidden),
        Part(make(f"{name}.linear_end", hidden, hidden, cut=ROW), (), (Work("conv", 4 * hidden),)),
    )
