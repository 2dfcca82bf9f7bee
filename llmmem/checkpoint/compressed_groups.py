"""One group of a compressed-tensors checkpoint: what its format writes for a layer.

Source: compressed-tensors 0.20 (quantization/lifecycle/initialize.py for shapes and dtypes of scales and zero points,
compressors/ for what is written). Scales have the model's dtype; zero points of symmetric formats are not written.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.checkpoint.floats import MX_GROUP, NV_GROUP, mxfp4_packed, mxfp8, nvfp4
from llmmem.checkpoint.matrices import Scheme, Tensors, derived, groups, one, stem
from llmmem.checkpoint.reading import bits, check_keys, group, known, unsupported
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Tensor

FORMATS = (
    "pack-quantized", "int-quantized", "float-quantized", "naive-quantized", "nvfp4-pack-quantized",
    "mxfp4-pack-quantized", "mxfp8-quantized",
)  # fmt: skip

STRATEGIES = ("tensor", "channel", "group", "tensor_group", "block")


class Weights(NamedTuple):
    """How the weights of a group are quantised."""

    bits: int
    kind: str
    strategy: str
    #: inputs of a group; None where the strategy has none
    size: int | None
    block: tuple[int, int]
    symmetric: bool
    #: the inputs are sorted into groups by importance, and an index says which group each is in
    ordered: bool

    def scale(self, t: Tensor, name: str, dtype: str) -> Tensor:
        """A value for each group, row, block or the whole."""
        if self.strategy == "tensor":
            return one(t, name, dtype, (1,))
        if self.strategy == "channel":
            return derived(t, name, "o", dtype, tail=(1,))
        if self.strategy == "block":
            return derived(t, name, "oi", dtype, o=(1, self.block[0]), i=(1, self.block[1]))
        return derived(t, name, "oi", dtype, i=groups(t, self.size))

    def packed_zero(self, t: Tensor, name: str) -> Tensor:
        """The zero points, packed along the outputs."""
        if self.strategy == "channel":
            return derived(t, name, "o", "int32", o=(self.bits, 32), tail=(1,))
        return derived(t, name, "oi", "int32", o=(self.bits, 32), i=groups(t, self.size))


def _weights(c: Config) -> Weights:
    size: int | None = None
    if c.get("group_size") is not None:
        size = group(c, "group_size", default=-1)
    kind = known(c, "type", ("int", "float"), "int")
    shape = c.ints("block_structure", least=1) or []
    if shape and len(shape) != 2:
        raise ConfigError(f"{c.path}.block_structure should have two entries.", "Check the quantization_config.")
    # As QuantizationArgs fills in a strategy that is not given.
    default = "group" if size else "channel" if c.get("group_size") == -1 else "block" if shape else "tensor"
    strategy = known(c, "strategy", STRATEGIES, default)
    if strategy in ("group", "tensor_group") and not size:
        raise ConfigError(f"{c.path}: a strategy of groups needs a group_size.", "Check the quantization_config.")
    if strategy == "block" and not shape:
        raise ConfigError(f"{c.path}: a strategy of blocks needs a block_structure.", "Check the quantization_config.")
    return Weights(
        bits(c, "num_bits", known=(4, 8) if kind == "float" else (2, 4, 8), default=8),
        kind,
        strategy,
        size,
        (shape[0], shape[1]) if shape else (0, 0),
        c.bool("symmetric", default=True),
        c.get("actorder") in ("group", True),
    )


def _format(w: Weights, activations: bool, scale_dtype: str) -> str:
    """The format of a group that names none, as compressors/format.py infers it."""
    if w.kind == "float" and w.bits == 4:
        return "mxfp4-pack-quantized" if w.size == MX_GROUP else "nvfp4-pack-quantized"
    if w.kind == "float":
        return "mxfp8-quantized" if w.size == MX_GROUP and "uint8" in scale_dtype else "float-quantized"
    return "int-quantized" if activations else "pack-quantized"


def group_scheme(c: Config, overall: str, compute: str) -> tuple[Scheme, str, str]:
    """(scheme, label for people, what it is) of one group.

    Args:
        overall: the format of the whole checkpoint, if it has one.
    """
    weights = c.sub("weights")
    if not weights.raw:
        raise unsupported(f"{c.path} quantises no weights, which llmmem does not know how to store.")
    w = _weights(weights)
    scale_dtype = weights.str("scale_dtype")
    weights.get("zp_dtype")  # int8, or packed with the weights
    check_keys(weights)
    acts = c.sub("input_activations")
    static = bool(acts.raw) and acts.raw.get("dynamic") is not True
    own = known(c, "format", ("", *FORMATS)) or ("" if overall == "mixed-precision" else overall)
    name = own or _format(w, bool(acts.raw), scale_dtype)
    label = f"w{w.bits}a{acts.raw.get('num_bits', 8) if acts.raw else 16}"
    if name.startswith(("nvfp4", "mxfp4")) and (w.bits, w.kind) != (4, "float"):
        raise ConfigError(f"{c.path}: {name} stores 4-bit floats.", "Check the quantization_config.")
    if name.startswith("nvfp4"):
        # "local": groups are scaled as the model runs, their global scale is fixed.
        second = "input_global_scale" if static else ""
        scheme = nvfp4("weight_packed", "weight_global_scale", second, shape=(1,), size=w.size or NV_GROUP)
        return scheme, "nvfp4", f"4-bit floats with an fp8 scale per {w.size or NV_GROUP} inputs"
    if name.startswith("mxfp4"):
        size = w.size or MX_GROUP
        return _sized_mxfp4(size), "mxfp4", f"4-bit floats with a scale byte per {size} inputs"
    if name.startswith("mxfp8"):
        return mxfp8, "mxfp8", f"fp8 with a scale byte per {MX_GROUP} inputs"
    per = {"tensor": "matrix", "channel": "output", "block": f"{w.block[0]} x {w.block[1]} block"}
    what = f"{compute} scale per {per.get(w.strategy, f'{w.size} inputs')}"
    if name == "pack-quantized":
        if w.kind != "int":
            raise ConfigError(f"{c.path}: {name} stores integers.", "Check the quantization_config.")
        return packed(w, compute), label, f"{w.bits}-bit integers with one {what}"
    label = ("fp8" if w.kind == "float" else label) if w.bits == 8 else label
    value = ("fp8" if w.bits == 8 else "") if w.kind == "float" else "int8"
    if not value:
        raise unsupported(f"{c.path}: llmmem does not know how {name} stores {w.bits}-bit floats.")
    symmetric = acts.bool("symmetric", default=True)
    return _naive(w, value, compute, static, symmetric), label, f"{value} with one {what}"


def _sized_mxfp4(size: int) -> Scheme:
    return lambda t: mxfp4_packed(t, size=size)


def packed(w: Weights, compute: str) -> Scheme:
    """Integers packed along the inputs into 32-bit words."""

    def store(t: Tensor) -> Tensors:
        name = stem(t)
        out = [
            derived(t, name + ".weight_packed", "oi", "int32", i=(w.bits, 32), role=t.role),
            w.scale(t, name + ".weight_scale", compute),
            one(t, name + ".weight_shape", "int64", (2,)),
        ]
        if not w.symmetric:
            zero = name + ".weight_zero_point"
            out.append(one(t, zero, "int8", (1,)) if w.strategy == "tensor" else w.packed_zero(t, zero))
        if w.ordered:
            out.append(derived(t, name + ".weight_g_idx", "i", "int32"))
        return tuple(out)

    return store


def _naive(w: Weights, value: str, compute: str, static: bool, symmetric: bool) -> Scheme:
    def store(t: Tensor) -> Tensors:
        name = stem(t)
        out = [t._replace(dtype=value), w.scale(t, name + ".weight_scale", compute)]
        if not w.symmetric:
            out.append(w.scale(t, name + ".weight_zero_point", "int8"))
        if static:
            out.append(one(t, name + ".input_scale", compute, (1,)))
            if not symmetric:
                out.append(one(t, name + ".input_zero_point", "int8", (1,)))
        return tuple(out)

    return store
