"""TIPSv2: a text tower beside a vision tower."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.base import architecture_of, head_of, model_spec, refuse_head
from llmmem.architectures.multimodal.frame import typed
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import scalars
from llmmem.tensors import Block, ModelSpec


def tipsv2(c: Config, head: str | None = None) -> ModelSpec:
    """Tipsv2Model, or its backbone class, which is the vision tower alone (transformers 5.23, models/tipsv2).

    Raises:
        ConfigError: the towers differ in width.
    """
    kind = head_of(c, head, "base")
    if kind != "base":
        raise refuse_head(c, kind)
    text = build(typed(c, "text_config", "tipsv2_text_model"), "base")
    vision = build(typed(c, "vision_config", "tipsv2_vision_model"), "base")
    if text.hidden_size != vision.hidden_size:
        raise ConfigError(
            f"text_config.hidden_size is {text.hidden_size:,}, vision_config.hidden_size {vision.hidden_size:,}.",
            "Check the config.json.",
        )
    if architecture_of(c) == "Tipsv2VisionBackbone":
        return model_spec(c, vision.blocks, hidden=vision.hidden_size)._replace(images=vision.images)
    blocks = [
        *text.placed("text_encoder."),
        *vision.placed("vision_encoder."),
        Block("projector", "", scalars("temperature")),
    ]
    spec = model_spec(
        c, blocks, hidden=text.hidden_size, vocab=text.vocab_size, max_context=text.max_context, notes=text.notes
    )
    # A picture becomes no token of the text.
    return spec._replace(images=vision.images._replace(tokens=0) if vision.images else None)
