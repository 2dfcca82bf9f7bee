"""CLIP: a text tower and a vision tower that meet in one space."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, labels, model_spec, refuse_head
from llmmem.config import Config
from llmmem.parts.basic import linear, scalars
from llmmem.parts.vision import projection
from llmmem.tensors import Block, ModelSpec


def clip(c: Config, head: str | None = None) -> ModelSpec:
    """CLIPModel and CLIPForImageClassification (arXiv:2103.00020; transformers 5.23, models/clip)."""
    kind = head_of(c, head, "image")
    # In old files text_config_dict holds what was set, and its class defaults win over text_config too.
    vision = build(c.sub("vision_config_dict", "vision_config", model_type="clip_vision_model"), "base")
    if kind == "image":
        notes = () if c.list("architectures") else ("no class stated: counted as CLIPForImageClassification",)
        top = linear("classifier", vision.hidden_size, labels(c), bias=True, role="head")
        blocks = (*vision.placed("vision_model."), Block("vision", "", top))
        spec = model_spec(c, blocks, hidden=vision.hidden_size, notes=notes)
        return spec._replace(images=vision.images, dtype=dtype_of(c) or vision.dtype)
    if kind != "base":
        raise refuse_head(c, kind)
    text = build(c.sub("text_config_dict", "text_config", model_type="clip_text_model"), "base")
    shared = c.int("projection_dim", default=512)
    projector = (
        *scalars("logit_scale"),
        *projection("visual_projection", vision.hidden_size, shared),
        *projection("text_projection", text.hidden_size, shared),
    )
    blocks = (*text.placed("text_model."), *vision.placed("vision_model."), Block("projector", "", projector))
    spec = model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
    # A picture becomes no token of the text.
    images = vision.images._replace(tokens=0) if vision.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or text.dtype)
