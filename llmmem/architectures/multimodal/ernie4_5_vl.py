"""ERNIE 4.5 VL, under the names published files have."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import head_of
from llmmem.architectures.multimodal.frame import multimodal, typed
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, Tensors, linear, norm
from llmmem.tensors import Block, ModelSpec, Work


def ernie4_5_vl_moe(c: Config, head: str | None = None) -> ModelSpec:
    """Ernie4_5_VLMoeForConditionalGeneration (arXiv:2509.18883; transformers 5.23, models/ernie4_5_vl_moe)."""
    kind = head_of(c, head)
    text = build(typed(c, "text_config", "ernie4_5_vl_moe_text"), "base")
    vision = typed(c, "vision_config", "ernie4_5_vl_moe_vision")
    tower = build(vision, "base")
    cell = tower.hidden_size * vision.int("spatial_merge_size", default=2, least=1) ** 2
    frames = cell * vision.int("temporal_merge_size", default=2)
    resampler = (
        *_linears("spatial_linear", cell, cell),
        *_linears("temporal_linear", frames, cell),
        *linear("mlp", cell, text.hidden_size, bias=True, cut=COLUMN),
        *norm("after_norm", text.hidden_size),
    )
    prefix = "" if kind == "base" else "model."
    # One cell of merged patches passes as one token.
    work = (Work("mlp", 4 * tower.hidden_size),)
    return multimodal(
        c,
        kind,
        text,
        (
            *tower.placed(f"{prefix}vision_model."),
            Block("projector", f"{prefix}resampler_model.", resampler, work=work),
        ),
        text_prefix=prefix,
        head_prefix="",
        # The text config's own flag does not count.
        tied=c.bool("tie_word_embeddings", default=True),
        images=tower.images,
    )


def _linears(name: str, inputs: int, outputs: int) -> Tensors:
    return (
        *linear(f"{name}.0", inputs, outputs, bias=True),
        *linear(f"{name}.2", outputs, outputs, bias=True),
        *norm(f"{name}.3", outputs, bias=True),
    )
