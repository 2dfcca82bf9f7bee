"""Several residual streams instead of one (hyper-connections, arXiv:2409.19606) and what mixes them for a layer."""

from __future__ import annotations

from llmmem.parts.basic import Tensors, in_fp32, linear, norm, scalars
from llmmem.tensors import Part, Work


def stream_scores(name: str, hidden: int, streams: int, outputs: int, scales: int) -> Tensors:
    """Weighs the streams by scores of all they hold, in fp32; ``name`` is the beginning of all names."""
    wide = streams * hidden
    return in_fp32(
        (*scalars(f"{name}fn", outputs, wide), *scalars(f"{name}base", outputs), *scalars(f"{name}scale", scales))
    )


def stream_gates(name: str, hidden: int, streams: int, rank: int, *, injects: bool = True) -> Tensors:
    """Gates every channel of every stream through a bottleneck.

    Args:
        injects: it also says how much of a layer's output each stream gets.
    """
    wide = streams * hidden
    return (
        *norm(f"{name}.hc_norm", wide),
        *linear(f"{name}.input_mix_weight_down", wide, rank),
        *linear(f"{name}.input_mix_weight_up", rank, wide),
        *(linear(f"{name}.block_inject_weight", wide, streams) if injects else ()),
    )


def streaming(hidden: int, streams: int) -> Part:
    """What the streams, their fp32 copies and their sum with a layer's output take."""
    return Part((), (), (Work("mlp", 7 * streams * hidden),))
