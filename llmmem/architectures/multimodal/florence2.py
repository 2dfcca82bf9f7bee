"""Florence-2: DaViT's picture and the text before BART's encoder."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, buffer, linear, norm, positions
from llmmem.tensors import Block, ModelSpec


def florence2(c: Config, head: str | None = None) -> ModelSpec:
    """Florence2ForConditionalGeneration (arXiv:2311.06242; transformers 5.23, models/florence2)."""
    kind = head_of(c, head)
    text = build(c.sub("text_config", model_type="bart"), "base")
    vision = typed(c, "vision_config", "florence_vision")
    tower = build(vision, "base")
    width, shared = tower.hidden_size, vision.int("projection_dim", default=1024)
    rows = vision.int("max_position_embeddings", default=50)
    frames = vision.int("max_temporal_embeddings", default=100)
    projector = (
        *linear("image_projection", width, shared, cut=COLUMN),
        *norm("image_proj_norm", shared, bias=True),
        *positions("image_position_embed.row_embeddings", rows, width // 2),
        *positions("image_position_embed.column_embeddings", rows, width - width // 2),
        *buffer("visual_temporal_embed.pos_idx_to_embed", frames, width),
    )
    notes: tuple[str, ...] = ("pictures are not sized yet: they are read by the encoder",)
    if vision.has("dim_embed") and not vision.has("embed_dim"):
        notes += ("dim_embed is a key of the original code: the class in transformers takes its default embed_dim",)
    prefix = "" if kind == "base" else "model."
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed(f"{prefix}vision_tower."),
            Block("projector", f"{prefix}multi_modal_projector.", projector),
        ),
        text_prefix=f"{prefix}language_model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings", default=True),
        notes=notes,
    )
