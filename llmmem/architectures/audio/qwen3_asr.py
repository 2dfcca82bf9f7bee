"""The audio tower of Qwen3-ASR."""

from __future__ import annotations

from llmmem.architectures.audio.whisper_encoder import HEADS, INNER, LAYERS, WIDTH
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import conv, linear, norm
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec, Sound


def qwen3_asr_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3ASREncoder: three convolutions over time and pitch, then Whisper's layers (transformers 5.23)."""
    no_head(c, head)
    hidden = c.int(*WIDTH, default=1024, least=1)
    heads = c.int(*HEADS, default=16, least=1)
    layer = fairseq_layer(
        hidden,
        heads,
        divide(c, "width over attention heads", hidden, heads),
        c.int(*INNER, default=4096),
        decoder=False,
    )
    channels, mels = c.int("downsample_hidden_size", default=480), c.int("num_mel_bins", default=128)
    stem = (
        *conv("conv2d1", channels, 1, 3, 3, bias=True),
        *conv("conv2d2", channels, channels, 3, 3, bias=True),
        *conv("conv2d3", channels, channels, 3, 3, bias=True),
        # Each convolution halves the pitches, rounding up.
        *linear("conv_out", channels * -(-mels // 8), hidden),
    )
    blocks = [
        Block("audio", "", stem),
        *uniform("audio", "layers.{}.", c.count(*LAYERS, default=24), layer),
        Block("audio", "", norm("ln_post", hidden, bias=True)),
    ]
    # The spectrogram is convolved a second at a time.
    sound = Sound(hidden, convs=((3, 2, 1),) * 3, chunk=100)
    return model_spec(c, blocks, hidden=hidden)._replace(sound=sound)
