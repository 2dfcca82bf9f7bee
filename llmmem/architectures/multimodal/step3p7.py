"""Step 3.7."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import NOT_SIZED, multimodal, typed
from llmmem.architectures.text.step3p7 import step_text
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.tensors import Block, ModelSpec


def step3p7(c: Config, head: str | None = None) -> ModelSpec:
    """Step3p7ForConditionalGeneration (transformers 5.23, models/step3p7)."""
    notes: tuple[str, ...] = (NOT_SIZED,)
    if c.get("text_config") is None and c.has("hidden_size"):
        notes += ("there is no text_config: the class in transformers takes its defaults, not the sizes at the top",)
    text = step_text(typed(c, "text_config", "step3p5"), published=True)
    tower = build(typed(c, "vision_config", "step3p5_vision"), "base")
    # Both of the tower's last convolutions double the channels.
    projector = linear("vit_large_projector", 4 * tower.hidden_size, text.hidden_size, bias=c.bool("projector_bias"))
    return multimodal(
        c,
        head,
        text,
        (*tower.placed("vision_model."), Block("projector", "", projector)),
        text_prefix="model.",
        head_prefix="",
        tied=c.bool("tie_word_embeddings"),
        notes=notes,
    )
