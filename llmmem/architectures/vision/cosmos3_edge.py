"""Cosmos 3 Edge's vision tower."""

from __future__ import annotations

from llmmem.architectures.vision.siglip2 import siglip2_vision_model
from llmmem.config import Config
from llmmem.tensors import Images, ModelSpec

#: pixels of a picture, as the processor's class bounds them
MIN_PIXELS, MAX_PIXELS = 256 * 256, 4096 * 4096

_DEFAULTS = {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16}


def cosmos3_edge_vision(c: Config, head: str | None = None) -> ModelSpec:
    """Cosmos3EdgeVisionModel: SigLIP 2 on pictures of any shape (transformers 5.23, models/cosmos3_edge)."""
    tower = siglip2_vision_model(Config({**_DEFAULTS, **c.raw, "vision_use_head": False}, c.path, c.reads), head)
    patch, merge = c.int("patch_size", default=16, least=1), c.int("spatial_merge_size", default=2, least=1)
    images = Images(0, 0, tower.hidden_size, patch=patch, merge=merge, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS)
    return tower._replace(images=images)
