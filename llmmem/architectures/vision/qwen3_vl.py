"""Qwen3-VL's vision tower."""

from __future__ import annotations

from llmmem.architectures.vision.qwen3_5 import qwen3_5_vision
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec, Work


def qwen3_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3VLVisionModel: Qwen3.5's tower, and a merger for each earlier layer that is read too (arXiv:2511.21631)."""
    tower = qwen3_5_vision(c, head)
    cell = tower.hidden_size * c.int("spatial_merge_size", default=2, least=1) ** 2
    taps = c.ints("deepstack_visual_indexes")
    merger = (
        *norm("norm", cell, bias=True),
        *linear("linear_fc1", cell, cell, bias=True, cut=COLUMN),
        *linear("linear_fc2", cell, c.int("out_hidden_size", default=3584), bias=True, cut=ROW),
    )
    deep = Block(
        "vision",
        "deepstack_merger_list.{}.",
        merger,
        range(3 if taps is None else len(taps)),
        work=(Work("mlp", 2 * tower.hidden_size),),
    )
    return tower._replace(blocks=(*tower.blocks, *((deep,) if deep.layers else ())))


def cohere_compass_vision(c: Config, head: str | None = None) -> ModelSpec:
    """CohereCompassVisionModel: the same tower (transformers 5.23, models/cohere_compass)."""
    tower = qwen3_vl_vision(c, head)
    # Pixels of a picture, as its processor's class bounds them.
    images = tower.images._replace(min_pixels=56 * 56, max_pixels=28 * 28 * 1280, film=None) if tower.images else None
    return tower._replace(images=images)
