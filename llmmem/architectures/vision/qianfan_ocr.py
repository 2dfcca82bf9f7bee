"""Qianfan-OCR's vision tower, which is InternViT."""

from __future__ import annotations

from llmmem.architectures.vision.internvl import internvl_vision
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def qianfan_ocr_vision(c: Config, head: str | None = None) -> ModelSpec:
    """QianfanOCRVisionModel: InternVL's, with biases unless told otherwise (transformers 5.23, models/qianfan_ocr)."""
    tower = internvl_vision(Config({"attention_bias": True, **c.raw}, c.path, c.reads), head)
    return tower._replace(blocks=tuple(b._replace(prefix=_LAYERS.get(b.prefix, b.prefix)) for b in tower.blocks))


_LAYERS = {"encoder.layer.{}.": "layers.{}."}
