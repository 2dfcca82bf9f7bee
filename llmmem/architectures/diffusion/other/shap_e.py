"""Shap-E's renderer: a latent becomes the weights of a radiance field."""

from __future__ import annotations

from itertools import pairwise

from llmmem.architectures.diffusion.base import component, kinds, whole
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, buffer
from llmmem.parts.modules import dense, gather, layer_norm, under
from llmmem.tensors import ModelSpec

NAMES = tuple(f"nerstf.mlp.{n}.weight" for n in range(4))
SHAPES = ((256, 93), (256, 256), (256, 256), (256, 256))
#: inputs that stand for a place and for a direction: sines and cosines of 15 and 8 frequencies, and neither's own
_PLACE, _DIRECTION = 93, 51
#: marching cubes: cases and the triangles of each
_CASES, _FACES = 256, 5


def _projections(c: Config) -> Tensors:
    names, shapes = kinds(c, "param_names", NAMES), c.list("param_shapes") or list(SHAPES)
    latent = c.int("d_latent", default=1024, least=1)
    if len(names) != len(shapes) or not all(isinstance(s, list | tuple) and len(s) == 2 for s in shapes):
        raise ConfigError("param_shapes should hold two numbers for each of param_names.", "Check the config.json.")
    tensors = []
    for name, shape in zip(names, shapes, strict=True):
        rows, columns = (whole("param_shapes", side) for side in shape)
        own = (*dense("proj", latent, rows * columns), *layer_norm("norm", columns))
        tensors.append(under(f"projections.{name.replace('.', '__')}", own))
    return gather(tensors)


def _field(c: Config) -> Tensors:
    width, depth = c.int("d_hidden", default=256, least=1), c.count("n_hidden_layers", default=6, least=1)
    widths = [_PLACE, *[width] * depth, c.int("n_output", default=12, least=1)]
    late = c.optional("insert_direction_at", default=4)
    pairs = enumerate(pairwise(widths))
    return gather(dense(f"mlp.{i}", a + (_DIRECTION if i == late else 0), b) for i, (a, b) in pairs)


def params_proj(c: Config, head: str | None = None) -> ModelSpec:
    """ShapEParamsProjModel (arXiv:2305.02463; diffusers 0.42, pipelines/shap_e/renderer.py)."""
    return component(c, "params_proj", _projections(c))


def radiance_field(c: Config, head: str | None = None) -> ModelSpec:
    """MLPNeRSTFModel."""
    return component(c, "mlp", _field(c))


def renderer(c: Config, head: str | None = None) -> ModelSpec:
    """ShapERenderer: both, and what makes a mesh of them."""
    sky = c.list("background")
    return component(
        c,
        "shap_e_renderer",
        under("params_proj", _projections(c)),
        under("mlp", _field(c)),
        buffer("void.background", 3 if sky is None else len(sky)),
        buffer("mesh_decoder.cases", _CASES, _FACES, 3, dtype="int64"),
        buffer("mesh_decoder.masks", _CASES, _FACES, dtype="bool"),
    )
