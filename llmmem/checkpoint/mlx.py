"""MLX: integers packed into 32-bit words, a scale and an offset per group of inputs.

Source: mlx-lm 0.32 (utils.py, quantize_model): every layer that can be quantised and whose inputs come in whole
groups, embeddings, routers and the head among them; a config lists by name those stored otherwise or not at all.
"""

from __future__ import annotations

from llmmem.checkpoint.assign import Plan
from llmmem.checkpoint.floats import mxfp4_packed, mxfp8
from llmmem.checkpoint.matrices import Scheme, Tensors, derived, groups, is_module, sides, stem
from llmmem.checkpoint.names import Table
from llmmem.checkpoint.reading import bits, group, known
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import Block, ModelSpec, Tensor

WIDTHS = (2, 3, 4, 5, 6, 8)
#: mode -> (group, bits) it has unless the config says otherwise
MODES = {"affine": (64, 4), "mxfp4": (32, 4), "mxfp8": (32, 8)}

_ROLES = ("linear", "head", "embedding", "router", "position")


def mlx(width: int, size: int, scales: str) -> Scheme:
    """Packed along the inputs, with a scale and an offset in the model's dtype."""

    def store(t: Tensor) -> Tensors:
        per = groups(t, size)
        return (
            derived(t, stem(t) + ".weight", "oi", "uint32", i=(width, 32), role=t.role),
            derived(t, stem(t) + ".scales", "oi", scales, i=per),
            derived(t, stem(t) + ".biases", "oi", scales, i=per),
        )

    return store


def read_mlx(c: Config, spec: ModelSpec, compute: str) -> Plan:
    """One width for all, and the layers named by their paths."""
    # fp32 models are saved in half precision or as they are; scales always follow the model.
    scheme, size, label = _scheme(c, MODES["affine"], compute)
    rows: dict[str, object] = {}
    for name, value in c.raw.items():
        if isinstance(value, dict):
            own = _scheme(Config(value, f"{c.path}.{name[:60]}"), (size, bits(c, "bits", known=WIDTHS)), compute)
            rows[name], mixed = own[:2], own[2] != label
            label = "mixed" if mixed else label
        elif value is False:
            rows[name] = False
    table = Table(rows)

    def pick(name: str, block: Block, t: Tensor) -> Scheme | None:
        row = table.find(name)
        found, per = row if isinstance(row, tuple) else (scheme, size)
        wanted = t.role in _ROLES and len(t.shape) == 2 and (is_module(t) or t.copies > 1)
        return found if wanted and row is not False and sides(t)[1] % per == 0 else None

    why = f"quantization: MLX, {label} with scales per {size} inputs, embeddings and head too; the rest stays {compute}"
    return Plan(label, why, pick, (table,))


def _scheme(c: Config, default: tuple[int, int], compute: str) -> tuple[Scheme, int, str]:
    mode = known(c, "mode", tuple(MODES), "affine")
    size, width = default if mode == "affine" else MODES[mode]
    size = group(c, "group_size", default=size, whole=False) or size
    width = bits(c, "bits", known=WIDTHS, default=width)
    if mode != "affine" and (size, width) != MODES[mode]:
        raise ConfigError(
            f"{c.path}: {mode} has {MODES[mode][1]} bits and groups of {MODES[mode][0]}.",
            "Check the quantization_config.",
        )
    if mode == "mxfp4":
        return (lambda t: mxfp4_packed(t, "weight", size)), size, "mlx-mxfp4"
    return (mxfp8, size, "mlx-mxfp8") if mode == "mxfp8" else (mlx(width, size, compute), size, f"mlx-int{width}")
