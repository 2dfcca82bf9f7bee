"""RWKV-4 (arXiv:2305.13048): attention without a key-value cache."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, linear, scalars
from llmmem.tensors import Cache, Part, Work


def time_mixing(name: str, hidden: int, inner: int) -> Part:
    """The attention of RWKV: a decaying sum of values, and the previous token's input mixed into this one's."""
    tensors = (
        *scalars(f"{name}.time_decay", inner, shard=0),
        *scalars(f"{name}.time_first", inner, shard=0),
        *scalars(f"{name}.time_mix_key", 1, 1, hidden),
        *scalars(f"{name}.time_mix_value", 1, 1, hidden),
        *scalars(f"{name}.time_mix_receptance", 1, 1, hidden),
        *linear(f"{name}.key", hidden, inner, cut=COLUMN),
        *linear(f"{name}.value", hidden, inner, cut=COLUMN),
        *linear(f"{name}.receptance", hidden, inner, cut=COLUMN),
        *linear(f"{name}.output", inner, hidden, cut=ROW),
    )
    # The previous input; numerator, denominator and maximum of the sum, which are always fp32.
    # transformers 5.23 makes all of them hidden_size wide.
    caches = (Cache("state", size=hidden), Cache("state", hidden, size=3, dtype="fp32"))
    # the shifted input, the three mixed ones, what they become, and the sum
    return Part(tensors, caches, (Work("linear_attention", 4 * hidden + 4 * inner),))


def channel_mixing(
    name: str, hidden: int, intermediate: int, *, mixed: tuple[str, str] = ("time_mix_key", "time_mix_receptance")
) -> Part:
    """The feed-forward layer of RWKV, which also sees the previous token's input.

    Args:
        mixed: names of how much of it goes into the key and into the receptance.
    """
    tensors = (
        *(t for n in mixed for t in scalars(f"{name}.{n}", 1, 1, hidden)),
        *linear(f"{name}.key", hidden, intermediate, cut=COLUMN),
        *linear(f"{name}.receptance", hidden, hidden),
        *linear(f"{name}.value", intermediate, hidden, cut=ROW),
    )
    return Part(tensors, (Cache("state", size=hidden),), (Work("mlp", 2 * intermediate + 3 * hidden),))
