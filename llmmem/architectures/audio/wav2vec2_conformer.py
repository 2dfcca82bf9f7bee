"""Conformers in place of wav2vec 2.0's transformer."""

from __future__ import annotations

from llmmem.architectures.audio.conformer import conformer, relative_places, sort_of_places, spells, turns
from llmmem.architectures.audio.speech_stem import convolutions, encoder_frame, projected
from llmmem.architectures.audio.speech_tower import SPEAKERS, shape_of, speech_model
from llmmem.architectures.base import uniform
from llmmem.config import Config
from llmmem.parts.basic import batch_norm
from llmmem.tensors import Block, ModelSpec


def wav2vec2_conformer(c: Config, head: str | None = None) -> ModelSpec:
    """Wav2Vec2ConformerModel and its kin (transformers 5.23, models/wav2vec2_conformer)."""
    shape = shape_of(c)
    spells(c, head)
    frames, width = convolutions(c)
    sort = sort_of_places(c, "relative")
    places = relative_places(c, shape) if sort == "relative" else ()
    middle = batch_norm("batch_norm", shape.hidden)
    layer = conformer(c, shape, c.int("intermediate_size", default=3072), places, middle)
    blocks = [
        Block("audio", "feature_extractor.", frames.tensors, work=frames.work),
        projected(width, shape.hidden),
        turns(shape, sort),
        *encoder_frame(c, shape.hidden, uniform("audio", "encoder.layers.{}.", shape.layers, layer)),
    ]
    kinds = (*SPEAKERS, "pretraining")
    return speech_model(c, head, "wav2vec2_conformer", shape, blocks, width=width, default="pretraining", kinds=kinds)
