"""ColPali and its kin: a model of pictures and words, of which every token becomes a short vector."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, model_spec, refuse_head
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec


def colpali(c: Config, head: str | None = None) -> ModelSpec:
    """ColPaliForRetrieval (arXiv:2407.01449; transformers 5.23, models/colpali)."""
    return _model(c, head, "paligemma")


def colmodernvbert(c: Config, head: str | None = None) -> ModelSpec:
    """ColModernVBertForRetrieval (arXiv:2510.01149; transformers 5.23, models/colmodernvbert)."""
    return _model(c, head, "modernvbert")


def _model(c: Config, head: str | None, reads: str) -> ModelSpec:
    kind = head_of(c, head, "retrieval")
    if kind != "retrieval":
        raise refuse_head(c, kind)
    reader = build(c.sub("vlm_config", model_type=reads), "base")
    top = linear("embedding_proj_layer", reader.hidden_size, c.int("embedding_dim", default=128), bias=True)
    spec = model_spec(
        c,
        (*reader.placed("vlm."), Block("projector", "", top)),
        hidden=reader.hidden_size,
        vocab=reader.vocab_size,
        max_context=reader.max_context,
        notes=reader.notes,
    )
    return spec._replace(images=reader.images, dtype=dtype_of(c) or reader.dtype)
