"""SigLIP: a text tower and a vision tower that meet in one space."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import dtype_of, head_of, labels, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.parts.basic import linear, scalars
from llmmem.tensors import Block, ModelSpec


def siglip(c: Config, head: str | None = None) -> ModelSpec:
    """SiglipModel and SiglipForImageClassification (arXiv:2303.15343; transformers 5.23, models/siglip)."""
    return _model(c, head, "siglip", "SiglipForImageClassification")


def siglip2(c: Config, head: str | None = None) -> ModelSpec:
    """Siglip2Model and Siglip2ForImageClassification (arXiv:2502.14786; transformers 5.23, models/siglip2)."""
    return _model(c, head, "siglip2", "Siglip2ForImageClassification")


def _model(c: Config, head: str | None, name: str, stated: str) -> ModelSpec:
    """Two towers of the family's types; ``stated``: the class that counts where the config names none."""
    kind = head_of(c, head, "image")
    vision = build(typed(c, "vision_config", f"{name}_vision_model"), "base")
    if kind == "image":
        notes = () if c.list("architectures") else (f"no class stated: counted as {stated}",)
        top = linear("classifier", vision.hidden_size, labels(c), bias=True, role="head") if labels(c) else ()
        blocks = (*vision.placed("vision_model."), Block("vision", "", top))
        spec = model_spec(c, blocks, hidden=vision.hidden_size, notes=notes)
        return spec._replace(images=vision.images, dtype=dtype_of(c) or vision.dtype)
    if kind != "base":
        raise refuse_head(c, kind)
    text = build(typed(c, "text_config", f"{name}_text_model"), "base")
    joint = (*scalars("logit_scale", 1), *scalars("logit_bias", 1))
    blocks = (*text.placed("text_model."), *vision.placed("vision_model."), Block("projector", "", joint))
    spec = model_spec(c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context)
    # A picture becomes no token of the text.
    images = vision.images._replace(tokens=0) if vision.images else None
    return spec._replace(images=images, dtype=dtype_of(c) or text.dtype)
