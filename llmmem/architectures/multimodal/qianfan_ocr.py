"""Qianfan-OCR: InternVL's design, stored under the names of InternVL's own repository."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.multimodal.stored import renamed
from llmmem.architectures.multimodal.tiled import dynamic
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, ModelSpec

#: the tower's names in memory -> as they are stored
_STORED = {
    ".layers.": ".encoder.layers.",
    ".attention.projection_layer.": ".attn.proj.",
    ".attention.q_proj.": ".attn.qkv.",
    ".layernorm_before.": ".norm1.",
    ".layernorm_after.": ".norm2.",
    ".lambda_1": ".ls1",
    ".lambda_2": ".ls2",
    ".cls_token": ".class_embedding",
    ".position_embeddings": ".position_embedding",
    ".patch_embeddings.projection.": ".patch_embedding.",
}


def qianfan_ocr(c: Config, head: str | None = None) -> ModelSpec:
    """QianfanOCRForConditionalGeneration (transformers 5.23, models/qianfan_ocr), under the names it stores.

    They differ from those of published files in one place: the language model's ``encoder.layers``.
    """
    text = build(c.sub("text_config", model_type="qwen3"), "base")
    tower = build(typed(c, "vision_config", "qianfan_ocr_vision"), "base")
    stored = renamed(tower._replace(blocks=tuple(map(_fused, tower.blocks))), _STORED)
    cell = tower.hidden_size * int(1 / c.ratio("downsample_ratio", default=0.5)) ** 2
    projector = (
        *norm("0", cell, bias=True),
        *linear("1", cell, text.hidden_size, bias=True, cut=COLUMN),
        *linear("3", text.hidden_size, text.hidden_size, bias=True, cut=ROW),
    )
    return multimodal(
        c,
        head,
        renamed(text, {".layers.": ".encoder.layers."}),
        (*stored.placed("vision_model."), Block("projector", "mlp1.", projector)),
        tied=c.bool("tie_word_embeddings"),
        images=dynamic(c, tower.images),
    )


def _fused(block: Block) -> Block:
    """A layer whose q, k and v lie in one matrix, under the name of q."""
    tensors = []
    for tensor in block.tensors:
        if tensor.name.startswith("attention.q_proj"):
            tensors.append(tensor._replace(shape=(3 * tensor.shape[0], *tensor.shape[1:])))
        elif not tensor.name.startswith(("attention.k_proj", "attention.v_proj")):
            tensors.append(tensor)
    return block._replace(tensors=tuple(tensors))
