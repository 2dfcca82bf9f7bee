"""Segment Anything's image encoder."""

from __future__ import annotations

from llmmem.architectures.base import no_head
from llmmem.architectures.vision.got_ocr2 import got_ocr2_vision
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.tensors import ModelSpec


def sam_vision_model(c: Config, head: str | None = None) -> ModelSpec:
    """SamVisionModel (arXiv:2304.02643; transformers 5.23, models/sam)."""
    no_head(c, head)
    hidden, ratio = c.int("hidden_size", default=768, least=1), c.number("mlp_ratio", default=4.0)
    inner = c.int("mlp_dim", default=int(hidden * ratio))
    sides = (*c.pair("image_size", default=1024), *c.pair("patch_size", default=16, least=1))
    if sides[0] != sides[1] or sides[2] != sides[3]:
        raise ConfigError("image_size and patch_size of this tower are one number each.", "Check the config.json.")
    spec = got_ocr2_vision(Config({**c.raw, "mlp_dim": inner}, c.path, c.reads), "base")
    images = spec.images._replace(tokens=spec.images.patches) if spec.images else None
    return spec._replace(blocks=spec.placed("vision_encoder."), images=images)
