"""Whisper."""

from __future__ import annotations

from llmmem.architectures.audio.whisper_encoder import HALVED
from llmmem.architectures.base import labels
from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_stack
from llmmem.config import Config
from llmmem.parts.basic import conv, linear, norm, positions, scalars
from llmmem.tensors import ModelSpec, Sound, runs

#: keys have no bias
BIAS = (True, False, True)


def whisper(c: Config, head: str | None = None) -> ModelSpec:
    """WhisperForConditionalGeneration and its kin (arXiv:2212.04356; transformers 5.23, models/whisper)."""
    kind = kind_of(c, head)
    hidden = c.int("hidden_size", "d_model", default=384)
    vocab = c.int("vocab_size", default=51865)
    frames = c.int("max_source_positions", default=1500)
    length = c.int("max_target_positions", default=448)
    stem = (
        *conv("conv1", hidden, c.int("num_mel_bins", default=80), 3, bias=True),
        *conv("conv2", hidden, hidden, 3, bias=True),
        *positions("embed_positions", frames, hidden),
    )
    final = norm("layer_norm", hidden, bias=True)
    encoder = fairseq_stack(
        c, "encoder", hidden, layers=4, heads=6, intermediate=1536, stem=stem, final=final, bias=BIAS
    )
    weights = c.count("num_hidden_layers", "encoder_layers", default=4) + 1
    projection = c.int("classifier_proj_size", default=256)
    return encoder_decoder(
        c,
        kind,
        # What the convolutions gave stays alive, not the positions.
        [runs(b, common=0) for b in encoder],
        fairseq_stack(
            c,
            "decoder",
            hidden,
            layers=4,
            heads=6,
            intermediate=1536,
            stem=positions("embed_positions", length, hidden),
            final=final,
            bias=BIAS,
        ),
        {"decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        base="" if kind == "audio" else "model.",
        tied=c.bool("tie_word_embeddings", default=True),
        head_name="proj_out",
        tops={
            "audio": (
                *(scalars("layer_weights", weights) if c.bool("use_weighted_layer_sum") else ()),
                *linear("projector", hidden, projection, bias=True),
                *linear("classifier", projection, labels(c), bias=True, role="head"),
            )
        },
        max_context=length,
        encoder_length=frames,
    )._replace(sound=Sound(hidden, convs=HALVED, window=30, turns=True, tokens=0))
