"""Whisper's encoder as a tower of its own, as the audio language models carry it."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, conv, norm, positions
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec, Sound

#: keys have no bias
BIAS = (True, False, True)

#: two spellings of each size; the class's own is the second, and the other one an alias that wins (attribute_map)
WIDTH, LAYERS = ("hidden_size", "d_model"), ("num_hidden_layers", "encoder_layers")
HEADS, INNER = ("num_attention_heads", "encoder_attention_heads"), ("intermediate_size", "encoder_ffn_dim")


#: samples that a frame of the spectrogram advances, and the two convolutions, the second of which halves its length
HOP, HALVED = 160, ((3, 1, 1), (3, 2, 1))


class Sizes(NamedTuple):
    """The defaults of a configuration class."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    mels: int


#: Whisper large v3, which most towers are
LARGE = Sizes(1280, 32, 20, 5120, 128)


def stem(mels: int, hidden: int) -> Tensors:
    """Two convolutions over the spectrogram; the second halves its length."""
    return (*conv("conv1", hidden, mels, 3, bias=True), *conv("conv2", hidden, hidden, 3, bias=True))


def _tower(c: Config, head: str | None, default: Sizes, *, order: int) -> ModelSpec:
    """The tower; ``order`` -1 where the long spellings are the aliases."""
    no_head(c, head)
    hidden = c.int(*WIDTH[::order], default=default.hidden, least=1)
    heads = c.int(*HEADS[::order], default=default.heads, least=1)
    frames = c.int("max_source_positions", default=1500)
    layer = fairseq_layer(
        hidden,
        heads,
        divide(c, "width over attention heads", hidden, heads),
        c.int(*INNER[::order], default=default.intermediate),
        decoder=False,
        bias=BIAS,
    )
    mels = c.int("num_mel_bins", default=default.mels)
    blocks = [
        Block("audio", "", (*stem(mels, hidden), *positions("embed_positions", frames, hidden))),
        *uniform("audio", "layers.{}.", c.count(*LAYERS[::order], default=default.layers), layer),
        Block("audio", "", norm("layer_norm", hidden, bias=True)),
    ]
    spec = model_spec(c, blocks, hidden=hidden, encoder_length=frames)
    return spec._replace(sound=Sound(hidden, padding=HOP - 1, convs=HALVED, window=30))


def qwen2_audio_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2AudioEncoder (arXiv:2407.10759; transformers 5.23, models/qwen2_audio)."""
    return _tower(c, head, LARGE, order=1)


def voxtral_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """VoxtralEncoder and AudioFlamingo3Encoder (transformers 5.23, models/voxtral, models/audioflamingo3)."""
    return _tower(c, head, LARGE, order=-1)


def moss_transcribe_diarize_audio(c: Config, head: str | None = None) -> ModelSpec:
    """MossTranscribeDiarizeAudioModel, Whisper medium (transformers 5.23, models/moss_transcribe_diarize)."""
    return _tower(c, head, Sizes(1024, 24, 16, 4096, 80), order=-1)
