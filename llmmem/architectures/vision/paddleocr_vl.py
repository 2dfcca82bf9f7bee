"""PaddleOCR-VL's vision tower: SigLIP for pictures of any size."""

from __future__ import annotations

from llmmem.architectures.vision.siglip import siglip_vision_model
from llmmem.config import Config
from llmmem.tensors import Images, ModelSpec

#: pixels of a picture, as its image processor bounds them
_MIN_PIXELS, _MAX_PIXELS = 384 * 384, 1536 * 1536


def paddleocr_vl_vision(c: Config, head: str | None = None) -> ModelSpec:
    """PaddleOCRVisionModel (arXiv:2510.14528; transformers 5.23, models/paddleocr_vl)."""
    defaults = {
        "hidden_size": 1152,
        "intermediate_size": 4304,
        "num_hidden_layers": 27,
        "num_attention_heads": 16,
        "image_size": 384,
        "patch_size": 14,
    }
    tower = siglip_vision_model(Config({**defaults, **c.raw, "vision_use_head": False}, c.path, c.reads), head)
    patch = c.int("patch_size", default=14, least=1)
    merge = c.int("spatial_merge_size", default=2, least=1)
    hidden, least, most = tower.hidden_size, _MIN_PIXELS, _MAX_PIXELS
    images = Images(0, 0, hidden, patch=patch, merge=merge, min_pixels=least, max_pixels=most, fit="stretched")
    return tower._replace(blocks=tower.placed("vision_model."), images=images)
