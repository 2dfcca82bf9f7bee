"""MiniCPM-V 4.6 and 4.7, MiniCPM-OCR."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.audio import two_layers
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.parts.basic import Tensors, norm
from llmmem.tensors import Block, ModelSpec


def _model(c: Config, head: str | None, vision: str, *, tied: bool) -> ModelSpec:
    text = build(c.sub("text_config", model_type="qwen3_5_text"), "base")
    tower = build(typed(c, "vision_config", vision), "base")
    times = c.count("merger_times", default=1)
    hidden = tower.hidden_size
    others = [
        *tower.placed("vision_tower."),
        Block("projector", "merger.mlp.{}.", _merger(hidden, hidden), range(times - 1)),
        # There is a last one even of none.
        Block("projector", "merger.mlp.{}.", _merger(hidden, text.hidden_size), (max(times - 1, 0),)),
    ]
    tied = c.bool("tie_word_embeddings", default=tied)
    return inner(c, head, text, [b for b in others if b.layers], tied=tied, images=None)


def _merger(hidden: int, outputs: int) -> Tensors:
    """Two by two vectors become one, whatever merge_kernel_size says."""
    cell = 4 * hidden
    return (*norm("pre_norm", cell, bias=True), *two_layers(cell, cell, outputs))


def minicpmv4_6(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMV4_6ForConditionalGeneration (transformers 5.23, models/minicpmv4_6)."""
    return _model(c, head, "minicpmv4_6_vision", tied=False)


def minicpmv4_7(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMV4_7ForConditionalGeneration (transformers 5.23, models/minicpmv4_7)."""
    return _model(c, head, "minicpmv4_7_vision", tied=False)


def minicpm_ocr(c: Config, head: str | None = None) -> ModelSpec:
    """MiniCPMOcrForConditionalGeneration (transformers 5.23, models/minicpm_ocr)."""
    return _model(c, head, "minicpm_ocr_vision", tied=True)
