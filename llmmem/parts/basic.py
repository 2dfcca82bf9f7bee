"""Linear layers, norms, embeddings and convolutions."""

from __future__ import annotations

from llmmem.tensors import Tensor

Tensors = tuple[Tensor, ...]

#: How tensor parallelism cuts a matrix: by its outputs, by its inputs, or not at all (Megatron-LM, arXiv:1909.08053).
COLUMN, ROW = "column", "row"


def linear(
    name: str,
    inputs: int,
    outputs: int,
    *,
    bias: bool = False,
    cut: str | None = None,
    unit: int = 1,
    role: str = "linear",
    layout: str = "oi",
) -> Tensors:
    """``name.weight`` (outputs, inputs) and its bias; with layout "io" (inputs, outputs), as Conv1D stores it.

    A row-cut bias is whole on every rank: it is added after the reduction. A head's bias is shared out as the head is.
    """
    shape = (outputs, inputs) if layout == "oi" else (inputs, outputs)
    axis = {COLUMN: layout.index("o"), ROW: layout.index("i"), None: None}[cut]
    weight = Tensor(name + ".weight", shape, role, axis, unit, layout=layout)
    if not bias:
        return (weight,)
    own = "head" if role == "head" else "bias"
    return weight, Tensor(name + ".bias", (outputs,), own, 0 if cut == COLUMN else None, unit)


def norm(name: str, size: int, *, bias: bool = False) -> Tensors:
    """RMSNorm (weight) or LayerNorm (weight and bias)."""
    weight = Tensor(name + ".weight", (size,), "norm")
    return (weight, Tensor(name + ".bias", (size,), "norm")) if bias else (weight,)


def batch_norm(name: str, size: int) -> Tensors:
    """BatchNorm: scale and shift, and what it has seen of the data."""
    return (
        *norm(name, size, bias=True),
        Tensor(name + ".running_mean", (size,), "buffer"),
        Tensor(name + ".running_var", (size,), "buffer"),
        Tensor(name + ".num_batches_tracked", (), "buffer", dtype="int64"),
    )


def embedding(name: str, rows: int, size: int) -> Tensors:
    """A vocabulary table (rows, size), cut by rows."""
    return (Tensor(name + ".weight", (rows, size), "embedding", 0),)


def positions(name: str, rows: int, size: int) -> Tensors:
    """Learned positions (or token types), whole on every rank."""
    return (Tensor(name + ".weight", (rows, size), "position"),)


def conv(name: str, *shape: int, bias: bool = False, shard: int | None = None) -> Tensors:
    """A convolution (out, in / groups, kernel...)."""
    weight = Tensor(name + ".weight", shape, "conv", shard)
    return (weight, Tensor(name + ".bias", shape[:1], "bias", shard)) if bias else (weight,)


def scalars(name: str, *shape: int, shard: int | None = None) -> Tensors:
    """A bare parameter: sinks, A_log, D, gates, time decays."""
    return (Tensor(name, shape, "scalar", shard),)


def buffer(name: str, *shape: int, dtype: str | None = None) -> Tensors:
    """A persistent buffer: in the checkpoint, but not a parameter."""
    return (Tensor(name, shape, "buffer", dtype=dtype),)


def in_fp32(tensors: Tensors) -> Tensors:
    """Tensors a model keeps in fp32 whatever the dtype of the rest."""
    return tuple(t._replace(dtype="fp32") for t in tensors)
