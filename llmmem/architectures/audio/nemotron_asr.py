"""Nemotron's streaming speech recognition: Parakeet's conformers, made causal."""

from __future__ import annotations

from llmmem.architectures import build
from llmmem.architectures.audio.parakeet import fast_conformer, steps
from llmmem.architectures.audio.spelling import spelling, transducer
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.basic import conv, linear, norm
from llmmem.tensors import Block, ModelSpec


def nemotron_asr_streaming_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """NemotronAsrStreamingEncoder (transformers 5.23, models/nemotron_asr_streaming)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1024, least=1)
    channels = c.int("subsampling_conv_channels", default=256)
    kernel = c.int("subsampling_conv_kernel_size", default=3, least=1)
    stride = c.int("subsampling_conv_stride", default=2, least=1)
    stem = conv("conv_in", channels, 1, kernel, kernel, bias=True)
    for i in range(steps(c) - 1):
        stem += conv(f"layers.{i}.depthwise_conv", channels, 1, kernel, kernel, bias=True)
        stem += conv(f"layers.{i}.pointwise_conv", channels, channels, 1, 1, bias=True)
    pitches = c.int("num_mel_bins", default=80)
    for _ in range(steps(c)):
        pitches = (pitches + stride - 2) // stride + 1  # padded by kernel - 1 and stride - 1
    layer = fast_conformer(c, hidden, middle=norm("conv.norm", hidden, bias=True))
    blocks = [
        Block("audio", "subsampling.", (*stem, *linear("linear", channels * pitches, hidden, bias=True))),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=24), layer),
    ]
    return model_spec(c, blocks, hidden=hidden)


def nemotron_asr_streaming(c: Config, head: str | None = None) -> ModelSpec:
    """NemotronAsrStreamingForRNNT (transformers 5.23, models/nemotron_asr_streaming)."""
    encoder = build(c.sub("encoder_config", model_type="nemotron_asr_streaming_encoder"), "base")
    rest = transducer(c, encoder.hidden_size, c.int("vocab_size", default=1025))
    return spelling(c, "ForRNNT", encoder, rest)


def nemotron3_5_asr(c: Config, head: str | None = None) -> ModelSpec:
    """Nemotron3_5AsrForRNNT: a prompt says what language to expect (transformers 5.23, models/nemotron3_5_asr)."""
    encoder = build(c.sub("encoder_config", model_type="nemotron_asr_streaming_encoder"), "base")
    hidden, inner = encoder.hidden_size, c.int("prompt_intermediate_size", default=2048)
    prompt = (
        *linear("linear_1", hidden + c.int("num_prompts", default=128), inner, bias=True),
        *linear("linear_2", inner, hidden, bias=True),
    )
    rest = transducer(c, hidden, c.int("vocab_size", default=13088))
    return spelling(c, "ForRNNT", encoder, [*rest, Block("projector", "prompt_projector.", prompt)])
