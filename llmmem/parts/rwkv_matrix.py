"""RWKV with a matrix of state per head: generations 5 and 6 (arXiv:2404.05892) and 7 (arXiv:2503.14456)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm, scalars
from llmmem.tensors import Cache, Part, Tensor, Work


def _memory(hidden: int, heads: int, state: int) -> tuple[Cache, ...]:
    """The previous token's input, and the state, which is always fp32."""
    return (Cache("state", size=hidden), Cache("state", heads, size=state, dtype="fp32"))


def matrix_time_mixing(name: str, hidden: int, inner: int, heads: int, head_dim: int, mixing: Tensors) -> Part:
    """Receptance, key, value, gate and output, and a norm over each head.

    Args:
        inner: width of the attention.
        mixing: how the previous token's input is mixed in and how fast a head forgets; named relative to ``name``.
    """
    tensors = (
        *(t._replace(name=f"{name}.{t.name}") for t in mixing),
        Tensor(f"{name}.time_faaaa", (heads, head_dim), "scalar", 0),
        *(t for n in ("key", "value", "receptance", "gate") for t in linear(f"{name}.{n}", hidden, inner, cut=COLUMN)),
        *linear(f"{name}.output", inner, hidden, cut=ROW),
        *norm(f"{name}.ln_x", hidden, bias=True),
    )
    # the shifted input and the four mixed ones, what they become, and the sum in fp32
    work = Work("linear_attention", 5 * hidden + 6 * inner)
    return Part(tensors, _memory(hidden, heads, head_dim * head_dim), (work,))


def fixed_mixing(hidden: int, heads: int, head_dim: int) -> Tensors:
    """RWKV-5: how much is mixed and forgotten is learned, and the same for every token."""
    mixed = ("gate", "key", "value", "receptance")
    return (
        Tensor("time_decay", (heads, head_dim), "scalar", 0),
        *(t for n in mixed for t in scalars(f"time_mix_{n}", 1, 1, hidden)),
    )


def adaptive_mixing(hidden: int, inner: int, mix_rank: int, decay_rank: int) -> Tensors:
    """RWKV-6: both follow the token, through two bottlenecks."""
    return (
        *(t for n in "xwkvrg" for t in scalars(f"time_maa_{n}", 1, 1, hidden)),
        *scalars("time_maa_w1", hidden, 5 * mix_rank),
        *scalars("time_maa_w2", 5, mix_rank, hidden),
        *scalars("time_decay", 1, 1, inner, shard=2),
        *scalars("time_decay_w1", hidden, decay_rank),
        *scalars("time_decay_w2", decay_rank, inner, shard=1),
    )


def generalised_delta(
    name: str, hidden: int, value: int, heads: int, head_dim: int, ranks: dict[str, int], *, first: bool
) -> Part:
    """RWKV-7: a delta rule whose decay, learning rate and removal follow the token, channel by channel.

    Args:
        value: width of the values.
        ranks: of the bottlenecks of w (decay), a (learning rate), v (the first layer's value) and g (gate).
        first: the first layer has no earlier value to mix in.
    """

    def bottleneck(letter: str, outputs: int, *, bias: bool = True) -> Tensors:
        return (
            *linear(f"{name}.{letter}_lora.lora.0", hidden, ranks[letter]),
            *linear(f"{name}.{letter}_lora.lora.2", ranks[letter], outputs, bias=bias, cut=COLUMN),
        )

    tensors = (
        *(t for n in "rwkvag" for t in scalars(f"{name}.x_{n}", 1, 1, hidden)),
        *scalars(f"{name}.k_k", hidden, shard=0),
        *scalars(f"{name}.k_a", hidden, shard=0),
        *scalars(f"{name}.r_k", heads, head_dim, shard=0),
        *linear(f"{name}.r_proj", hidden, hidden, cut=COLUMN, unit=head_dim),
        *linear(f"{name}.k_proj", hidden, hidden, cut=COLUMN, unit=head_dim),
        *linear(f"{name}.v_proj", hidden, value, cut=COLUMN, unit=value // heads),
        *linear(f"{name}.o_proj", value, hidden, cut=ROW, unit=value // heads),
        *bottleneck("w", hidden),
        *(() if first else bottleneck("v", value)),
        *bottleneck("a", hidden),
        *bottleneck("g", value, bias=False),
        *norm(f"{name}.g_norm", value, bias=True),
    )
    # the shifted input and the six mixed ones; receptance, decay, key, learning rate; value, gate and output
    work = Work("linear_attention", 11 * hidden + 3 * value)
    return Part(tensors, _memory(hidden, heads, head_dim * (value // heads)), (work,))
