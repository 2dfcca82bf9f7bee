"""Eight- and four-bit floats: e4m3 with a scale per matrix, row or block, MXFP4, MXFP8 and NVFP4.

Sources: DeepSeek-V3 (weight_scale_inv per block); OCP Microscaling Formats v1.0 (one power of two, a byte, per 32
values); NVFP4 (one e4m3 scale per 16 values and one fp32 scale per matrix). Two 4-bit values share a byte.
"""

from __future__ import annotations

from llmmem.checkpoint.matrices import Scheme, Tensors, beside, derived, groups, one, stem
from llmmem.tensors import Tensor

#: inputs that share a scale
MX_GROUP, NV_GROUP = 32, 16


def weight8(t: Tensor, dtype: str = "fp8") -> Tensor:
    """The matrix itself in 8 bits, where and as it was."""
    return t._replace(dtype=dtype)


def packed4(t: Tensor, name: str) -> Tensor:
    """The matrix itself, two neighbouring inputs to a byte."""
    return derived(t, name, "oi", "uint8", i=(1, 2), role=t.role)


def fp8_tensor(
    scale: str = "weight_scale", *, activation: str = "", dtype: str = "fp32", shape: tuple[int, ...] = ()
) -> Scheme:
    """One scale per matrix, and where activations are quantised by a fixed scale, that one too."""

    def store(t: Tensor) -> Tensors:
        out = (weight8(t), one(t, beside(t, scale), dtype, shape))
        return (*out, one(t, beside(t, activation), dtype, shape)) if activation else out

    return store


def fp8_rows(dtype: str = "fp32", *, flat: bool = False) -> Scheme:
    """One scale per output, stored as a column unless ``flat``."""

    def store(t: Tensor) -> Tensors:
        return weight8(t), derived(t, beside(t, "weight_scale"), "o", dtype, tail=() if flat else (1,))

    return store


def fp8_blocks(
    rows: int, columns: int, *, name: str = "", dtype: str = "fp32", activation: str = "", bits: int = 8
) -> Scheme:
    """One scale per block of ``rows`` outputs and ``columns`` inputs, by default called weight_scale_inv."""

    def store(t: Tensor) -> Tensors:
        scale = derived(t, beside(t, name) if name else t.name + "_scale_inv", "oi", dtype, o=(1, rows), i=(1, columns))
        weight = weight8(t) if bits == 8 else derived(t, t.name, "oi", "int8", i=(1, 2), role=t.role)
        out = (weight, scale)
        return (*out, one(t, beside(t, activation), "fp32")) if activation else out

    return store


def mxfp4_blocks(t: Tensor) -> Tensors:
    """MXFP4 as gpt-oss stores its experts: 16 bytes of values and a byte of scale for every 32 inputs."""
    return (
        derived(t, t.name + "_blocks", "oi", "uint8", i=(1, MX_GROUP), tail=(MX_GROUP // 2,), role=t.role),
        derived(t, t.name + "_scales", "oi", "uint8", i=(1, MX_GROUP)),
    )


def mxfp4_packed(t: Tensor, weight: str = "weight_packed", size: int = MX_GROUP) -> Tensors:
    """MXFP4 as compressed-tensors and Quark store it."""
    return (
        packed4(t, f"{stem(t)}.{weight}"),
        derived(t, stem(t) + ".weight_scale", "oi", "uint8", i=groups(t, size)),
    )


def mxfp8(t: Tensor) -> Tensors:
    """MXFP8: e4m3 values and a byte of scale for every 32 inputs."""
    return weight8(t), derived(t, beside(t, "weight_scale"), "oi", "uint8", i=(1, MX_GROUP))


def nvfp4(
    weight: str, second: str, activation: str = "", *, shape: tuple[int, ...] = (), size: int = NV_GROUP
) -> Scheme:
    """NVFP4 under the names a tool gives its parts.

    Args:
        weight: the packed values.
        second: the fp32 scale of the whole matrix.
        activation: the fp32 scale of the inputs, if they are quantised too.
        shape: how the tool stores single values.
    """

    def store(t: Tensor) -> Tensors:
        name = stem(t) + ".weight" if weight == "weight" else f"{stem(t)}.{weight}"
        out = (
            packed4(t, name if t.name.endswith(".weight") else t.name),
            derived(t, beside(t, "weight_scale"), "oi", "fp8", i=(1, size)),
            one(t, beside(t, second), "fp32", shape),
        )
        return (*out, one(t, beside(t, activation), "fp32", shape)) if activation else out

    return store
