"""TIPSv2 that says what every place of a picture is: a DPT head, or one each for depth, normals and classes."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, labels, model_spec
from llmmem.config import Config
from llmmem.errors import ConfigError, UnsupportedArchitectureError
from llmmem.parts.basic import Tensors, conv, linear
from llmmem.tensors import Block, ModelSpec, Tensor

#: class -> its heads
_CLASSES = {
    "Tipsv2DptForSemanticSegmentation": ("segmentation_head",),
    "Tipsv2DptForDepthEstimation": ("depth_head",),
    "Tipsv2DptForNormalEstimation": ("normals_head",),
    "Tipsv2DptForDensePrediction": ("depth_head", "normals_head", "segmentation_head"),
}


def _unit(name: str, width: int) -> Tensors:
    return (*conv(f"{name}.conv1", width, width, 3, 3), *conv(f"{name}.conv2", width, width, 3, 3))


def _factors(c: Config) -> list[float]:
    """How much finer (or below one, coarser) every level becomes.

    Raises:
        ConfigError: not a list of numbers above zero.
    """
    given = c.list("reassemble_factors")
    factors = [4, 2, 1, 0.5] if given is None else given
    for factor in factors:
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor <= 64:
            raise ConfigError("reassemble_factors should be numbers above zero.", "Check the config.json.")
    return [float(factor) for factor in factors]


def _reassemble(c: Config, hidden: int, widths: list[int]) -> Tensors:
    """Vectors of four layers of the tower become feature maps, each as fine as its factor says."""
    tensors: list[Tensor] = []
    for i in range(len(widths)):
        # The class token is read beside every patch.
        tensors += linear(f"readout_projects.{i}", 2 * hidden, hidden, bias=True)
    for i, (width, factor) in enumerate(zip(widths, _factors(c), strict=False)):
        tensors += conv(f"out_projections.{i}", width, hidden, 1, 1, bias=True)
        if factor != 1:
            side = int(factor) if factor > 1 else 3
            tensors += conv(f"resize_layers.{i}", width, width, side, side, bias=True)
    return tuple(tensors)


def _head(c: Config, name: str, hidden: int, outputs: int) -> tuple[Block, ...]:
    """DPT (arXiv:2103.13413): feature maps, fused from the coarsest to the finest, then a layer for every place."""
    widths = c.ints("neck_hidden_sizes", least=1)
    widths = [96, 192, 384, 768] if widths is None else widths
    fused = c.int("fusion_hidden_size", default=256)
    fusion: list[Tensor] = []
    for i, width in enumerate(widths):
        fusion += conv(f"convs.{i}", fused, width, 3, 3)
        fusion += conv(f"fusion_blocks.{i}.out_conv", fused, fused, 1, 1, bias=True)
        fusion += _unit(f"fusion_blocks.{i}.main_unit", fused)
        # The coarsest has nothing to be added to.
        fusion += _unit(f"fusion_blocks.{i}.residual_unit", fused) if i else ()
    last = (*conv("project", fused, fused, 3, 3, bias=True), *linear(name, fused, outputs, bias=True, role="head"))
    return (
        Block("decoder", f"{name}.reassemble.", _reassemble(c, hidden, widths)),
        Block("decoder", f"{name}.", (*fusion, *last)),
    )


def tipsv2_dpt(c: Config, head: str | None = None) -> ModelSpec:
    """The four classes of transformers 5.23, models/tipsv2_dpt (checkpoint's names).

    Raises:
        UnsupportedArchitectureError: a class it does not have.
    """
    stated = bool(c.list("architectures"))
    name = architecture_of(c) if stated else "Tipsv2DptForSemanticSegmentation"
    if name not in _CLASSES or head not in (None, "base"):
        raise UnsupportedArchitectureError(
            f"llmmem does not know the class {name[:60]!r} of TIPSv2 DPT.", f"Known: {', '.join(_CLASSES)}."
        )
    tower = build(c.sub("backbone_config", model_type="tipsv2_vision_model"), "base")
    outputs = {
        "depth_head": c.int("num_depth_bins", default=256),
        "normals_head": 3,
        "segmentation_head": labels(c),
    }
    heads = (b for one in _CLASSES[name] for b in _head(c, one, tower.hidden_size, outputs[one]))
    notes = () if stated else (f"no class stated: counted as {name}",)
    blocks = (*tower.placed("vision_encoder."), *heads)
    return model_spec(c, blocks, hidden=tower.hidden_size, notes=notes)._replace(images=tower.images)
