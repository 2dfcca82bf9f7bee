"""Muse Glimmer, and Muse Spark, which hears too."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.architectures import build
from llmmem.architectures.multimodal.frame import typed
from llmmem.architectures.multimodal.inner import inner
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import COLUMN, ROW, linear
from llmmem.tensors import Block, ModelSpec


def _model(
    c: Config, head: str | None, text: ModelSpec, vision: Config, more: Sequence[Block] = (), *, tied: bool = False
) -> ModelSpec:
    # A square of the tower's vectors comes in side by side.
    cell, inside = c.int("out_hidden_size", default=6144), c.int("projector_hidden_size", default=4096)
    projector = (
        *linear("vision_adapter.fc1", cell, inside, cut=COLUMN),
        *linear("vision_adapter.fc2", inside, inside, cut=ROW),
        *linear("vision_projection", inside, text.hidden_size, cut=COLUMN),
    )
    others = (*build(vision, "base").placed("vision_tower."), Block("projector", "", projector), *more)
    return inner(c, head, text, others, tied=tied, images=None)


def muse_glimmer(c: Config, head: str | None = None) -> ModelSpec:
    """MuseGlimmerForConditionalGeneration (transformers 5.23, models/muse_glimmer)."""
    text = build(typed(c, "text_config", "muse_glimmer_text"), "base")
    vision = typed(c, "vision_config", "muse_glimmer_vision")
    return _model(c, head, text, vision, tied=c.bool("tie_word_embeddings"))


def muse_spark(c: Config, head: str | None = None) -> ModelSpec:
    """MuseSparkForConditionalGeneration; its head is never tied (transformers 5.23, models/muse_spark).

    Raises:
        ConfigError: the audio tower's vectors do not fit among the language model's.
    """
    text = build(typed(c, "text_config", "muse_spark_text"), "base")
    ears = build(typed(c, "audio_config", "muse_spark_audio"), "base")
    if ears.hidden_size != text.hidden_size:
        raise ConfigError(
            f"audio_config.out_hidden_size is {ears.hidden_size:,}, the language model's width {text.hidden_size:,}.",
            "Check the config.json.",
        )
    vision = typed(c, "vision_config", "muse_spark_vision")
    return _model(c, head, text, vision, ears.placed("audio_tower."))
