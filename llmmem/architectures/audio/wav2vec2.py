"""wav2vec 2.0 and its kin: convolutions over the raw sound, then a transformer."""

from __future__ import annotations

from llmmem.architectures.audio.speech_heads import quantizer
from llmmem.architectures.audio.speech_stem import convolutions, encoder_frame, position_groups, projected
from llmmem.architectures.audio.speech_tower import SPEAKERS, SPEECH, Shape, shape_of, speech_model
from llmmem.architectures.audio.wav2vec2_layer import wav2vec2_layer
from llmmem.architectures.base import uniform
from llmmem.config import Config
from llmmem.parts.basic import batch_norm, conv, linear, norm, scalars
from llmmem.tensors import Block, ModelSpec


def _tower(c: Config, shape: Shape) -> tuple[list[Block], int]:
    """The tower as most have it, and the width of a frame."""
    frames, width = convolutions(c)
    blocks = [
        Block("audio", "feature_extractor.", frames.tensors, work=frames.work),
        projected(width, shape.hidden),
        *encoder_frame(c, shape.hidden, uniform("audio", "encoder.layers.{}.", shape.layers, wav2vec2_layer(c, shape))),
    ]
    return blocks, width


def wav2vec2(c: Config, head: str | None = None) -> ModelSpec:
    """Wav2Vec2Model and its kin (arXiv:2006.11477; transformers 5.23, models/wav2vec2)."""
    shape = shape_of(c)
    blocks, width = _tower(c, shape)
    kinds = (*SPEAKERS, "pretraining")
    return speech_model(c, head, "wav2vec2", shape, blocks, width=width, default="pretraining", kinds=kinds)


def unispeech(c: Config, head: str | None = None) -> ModelSpec:
    """UniSpeechModel and its kin (arXiv:2101.07597; transformers 5.23, models/unispeech)."""
    shape = shape_of(c)
    blocks, width = _tower(c, shape)
    shared = c.int("proj_codevector_dim", default=256)
    codes = (t for t in quantizer(c, shape.hidden, width) if not t.name.startswith("project_hid"))
    top = (
        *codes,
        *linear("project_hid", shared, shape.hidden, bias=True),
        *linear("ctc_proj", shape.hidden, c.int("num_ctc_classes", default=80), bias=True, role="head"),
    )
    tops = {"pretraining": top}
    return speech_model(
        c, head, "unispeech", shape, blocks, width=width, default="pretraining", kinds=SPEECH, adapts=False, tops=tops
    )


def unispeech_sat(c: Config, head: str | None = None) -> ModelSpec:
    """UniSpeechSatModel and its kin (arXiv:2110.05752; transformers 5.23, models/unispeech_sat)."""
    shape = shape_of(c)
    blocks, width = _tower(c, shape)
    size = c.int("codevector_dim", default=256)
    top = (
        *quantizer(c, shape.hidden, shape.hidden),
        *linear("speaker_proj", shape.hidden, size, bias=True),
        *scalars("label_embeddings_concat", c.int("num_clusters", default=504), size),
        *norm("layer_norm_for_extract", shape.hidden, bias=True),
    )
    return speech_model(
        c,
        head,
        "unispeech_sat",
        shape,
        blocks,
        width=width,
        default="pretraining",
        adapts=False,
        tops={"pretraining": top},
    )


def hubert(c: Config, head: str | None = None) -> ModelSpec:
    """HubertModel and its kin (arXiv:2106.07447; transformers 5.23, models/hubert)."""
    shape = shape_of(c)
    hidden = shape.hidden
    blocks, width = _tower(c, shape)
    if not c.bool("feat_proj_layer_norm", default=True):
        blocks[1] = projected(width, hidden, normed=False)
    if c.bool("conv_pos_batch_norm"):
        taps = c.int("num_conv_pos_embeddings", default=128)
        plain = conv("conv", hidden, position_groups(c, hidden), taps, bias=True)
        blocks[2] = blocks[2]._replace(tensors=(*plain, *batch_norm("batch_norm", hidden)))
    return speech_model(c, head, "hubert", shape, blocks, width=width, kinds=SPEECH, adapts=False)
