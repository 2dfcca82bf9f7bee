"""State-space mixers: Mamba (arXiv:2312.00752) and Mamba-2 (arXiv:2405.21060)."""

from __future__ import annotations

from llmmem.parts.basic import COLUMN, ROW, Tensors, conv, linear, scalars
from llmmem.tensors import Cache, Part, Tensor, Work


def mamba_mixer(
    name: str,
    hidden: int,
    inner: int,
    state: int,
    rank: int,
    kernel: int,
    *,
    bias: bool = False,
    conv_bias: bool = True,
    extra: Tensors = (),
) -> Part:
    """Selective state space with one state per channel.

    Args:
        inner: channels (expand * hidden).
        rank: of the time step projection.
        bias: of the projections in and out.
        extra: norms of the time step, B and C (Jamba); named relative to ``name``.
    """
    tensors = (
        *scalars(f"{name}.A_log", inner, state, shard=0),
        *scalars(f"{name}.D", inner, shard=0),
        *conv(f"{name}.conv1d", inner, 1, kernel, bias=conv_bias, shard=0),
        *linear(f"{name}.in_proj", hidden, 2 * inner, bias=bias, cut=COLUMN),
        *linear(f"{name}.x_proj", inner, rank + 2 * state, cut=ROW),
        *linear(f"{name}.dt_proj", rank, inner, bias=True, cut=COLUMN),
        *linear(f"{name}.out_proj", inner, hidden, bias=bias, cut=ROW),
        *(t._replace(name=f"{name}.{t.name}") for t in extra),
    )
    # The scan runs in fp32 and its last state is kept so; the convolution keeps its inputs as they are.
    caches = (Cache("conv", inner, size=kernel), Cache("state", inner, size=state, dtype="fp32"))
    # x and gate, the convolved x, the time step, the scan's output; the time step's rank, B and C
    # Written out, the scan holds the discrete A, the discrete B and its input for every state of every channel.
    work = Work("ssm", 5 * inner + rank + 2 * state, unfused=3 * inner * state + 7 * inner)
    return Part(tensors, caches, (work,))


def mamba2_mixer(
    name: str,
    hidden: int,
    heads: int,
    head_dim: int,
    state: int,
    groups: int,
    kernel: int,
    *,
    bias: bool = False,
    conv_bias: bool = True,
    gated_norm: bool = True,
    out_bias: bool | None = None,
    chunk: int = 256,
) -> Part:
    """State space duality: one state per head, B and C shared by the heads of a group.

    Args:
        bias: of the projections in and out.
        gated_norm: whether a norm stands with the gate, before the projection out.
        out_bias: of the projection out, where it differs.
        chunk: tokens that are worked on together.
    """
    inner = heads * head_dim
    channels = inner + 2 * groups * state
    tensors = (
        *scalars(f"{name}.dt_bias", heads, shard=0),
        *scalars(f"{name}.A_log", heads, shard=0),
        *scalars(f"{name}.D", heads, shard=0),
        *conv(f"{name}.conv1d", channels, 1, kernel, bias=conv_bias, shard=0),
        *linear(f"{name}.in_proj", hidden, inner + channels + heads, bias=bias, cut=COLUMN),
        *((Tensor(f"{name}.norm.weight", (inner,), "norm", 0, head_dim),) if gated_norm else ()),
        *linear(f"{name}.out_proj", inner, hidden, bias=bias if out_bias is None else out_bias, cut=ROW, unit=head_dim),
    )
    caches = (Cache("conv", channels, size=kernel), Cache("state", heads, size=head_dim * state, dtype="fp32"))
    # gate, the convolution's input and output, the time step, the scan's output
    # Written out, every head has decays between the tokens of a chunk (three times over), B and C of its own, and a
    # state per chunk; the most is alive while the states are read, or when what they give is added.
    wide = heads * 3 * (chunk + state) + 4 * inner + inner * state // max(chunk, 1)
    wide += max(heads * state + inner * state // max(chunk, 1), 3 * inner)
    kept = (inner + 2 * channels + heads) // 2  # the projection and the convolution, of the compute dtype
    work = Work("ssm", 2 * inner + 2 * channels + heads, unfused=wide + kept)
    return Part(tensors, caches, (work,))


def grouped_mamba_mixer(
    name: str,
    hidden: int,
    inner: int,
    heads: int,
    state: int,
    rank: int,
    kernel: int,
    *,
    bias: bool = False,
    conv_bias: bool = True,
) -> Part:
    """Mamba whose channels are split among heads with a time step, B and C of their own (Zamba, arXiv:2405.16712)."""
    channels = inner // heads
    tensors = (
        # Stacks of bare parameters, not torch.nn.Linear: conversions pass them by.
        *scalars(f"{name}.x_proj_weight", heads, rank + 2 * state, channels, shard=0),
        *scalars(f"{name}.dt_proj_weight", heads, channels, rank, shard=0),
        *scalars(f"{name}.dt_proj_bias", heads, channels, shard=0),
        *scalars(f"{name}.A_log", heads, channels, state, shard=0),
        *scalars(f"{name}.D", heads, channels, shard=0),
        *conv(f"{name}.conv1d", inner, 1, kernel, bias=conv_bias, shard=0),
        *linear(f"{name}.in_proj", hidden, 2 * inner, bias=bias, cut=COLUMN),
        *linear(f"{name}.out_proj", inner, hidden, bias=bias, cut=ROW),
    )
    caches = (Cache("conv", inner, size=kernel), Cache("state", inner, size=state, dtype="fp32"))
    work = Work("ssm", 5 * inner + heads * (rank + 2 * state), unfused=3 * inner * state + 7 * inner)
    return Part(tensors, caches, (work,))
