"""Idefics 3 and SmolVLM."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.architectures.multimodal.tiled import shuffled, split
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec


def idefics3(c: Config, head: str | None = None) -> ModelSpec:
    """Idefics3ForConditionalGeneration, SmolVLMForConditionalGeneration (arXiv:2408.12637; transformers 5.23)."""
    kind = head_of(c, head)
    text = build(c.sub("text_config", model_type="llama"), "base")
    tower = build(typed(c, "vision_config", "idefics3_vision"), "base")
    prefix = "" if kind == "base" else "model."
    # Neighbouring patches are shuffled into fewer and wider ones.
    scale = c.int("scale_factor", default=2, least=1)
    cell = tower.hidden_size * scale**2
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed(f"{prefix}vision_model."),
            Block("projector", f"{prefix}connector.", linear("modality_projection.proj", cell, text.hidden_size)),
        ),
        text_prefix=f"{prefix}text_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        images=split(shuffled(tower.images, scale)),
    )
