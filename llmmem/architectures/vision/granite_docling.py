"""Granite-Docling's vision tower: SigLIP with a connector of two resolutions that reads earlier layers too."""

from __future__ import annotations

from llmmem.architectures.base import no_head
from llmmem.architectures.vision.siglip import siglip_vision_model
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec, Work


def granite_docling_vision(c: Config, head: str | None = None) -> ModelSpec:
    """GraniteDoclingVisionModel (transformers 5.23, models/granite_docling)."""
    no_head(c, head)
    tower = siglip_vision_model(Config({"image_size": 512, **c.raw, "vision_use_head": False}, c.path, c.reads), "base")
    hidden, output = tower.hidden_size, c.int("out_hidden_size", default=1024)
    factor = c.int("scale_factor", default=4, least=1)
    taps = c.ints("deepstack_visual_indexes")
    read = 3 if taps is None else len(taps)

    def route(name: str, scale: int) -> list[Block]:
        """The connector at one resolution: ``scale`` x ``scale`` patches become one token."""
        cell = hidden * scale**2
        merger: Tensors = (
            *norm("layer_norm", cell, bias=True),
            *linear("linear_1", cell, output, bias=True, cut=COLUMN),
            *linear("linear_2", output, output, bias=True, cut=ROW),
        )
        work = (Work("mlp", hidden + 2 * output // max(scale**2, 1)),)
        return [
            Block("projector", f"connector.{name}.", linear("projection", cell, output, cut=COLUMN), work=work),
            *([Block("projector", f"connector.{name}.deepstack_mergers.{{}}.", merger, range(read))] if read else []),
        ]

    around: Tensors = (
        *norm("ln_in", hidden, bias=True),
        *norm("ln_mid", output, bias=True),
        *linear("mlp_fc2", output, output),
        *norm("ln_out", output, bias=True),
    )
    blocks = [Block("projector", "connector.", around), *route("coarse", factor)]
    if c.bool("use_fine_route", default=True):
        blocks += route("fine", factor // 2)
    return tower._replace(blocks=(*tower.blocks, *blocks))
