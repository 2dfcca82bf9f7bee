"""Inkling's ears: a table of every pitch at every loudness, whose rows are summed."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head
from llmmem.config import Config
from llmmem.parts.basic import embedding, norm
from llmmem.tensors import Block, ModelSpec


def inkling_audio(c: Config, head: str | None = None) -> ModelSpec:
    """InklingAudioModel (transformers 5.23, models/inkling)."""
    no_head(c, head)
    # The first names are aliases that win (attribute_map).
    rows = c.int("num_codebooks", "n_mel_bins", default=80) * c.int("codebook_size", "mel_vocab_size", default=256)
    hidden = c.int("hidden_size", "text_hidden_size", default=6144)
    table = embedding("embed_audio_tokens.embed_audio_tokens", rows, hidden)
    return model_spec(c, [Block("audio", "", (*table, *norm("norm", hidden)))], hidden=hidden)
