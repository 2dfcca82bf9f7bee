"""WavLM and data2vec: wav2vec 2.0 with other positions."""

from __future__ import annotations

from llmmem.architectures.audio.speech_stem import convolutions, encoder_frame, position_groups, projected
from llmmem.architectures.audio.speech_tower import shape_of, speech_model
from llmmem.architectures.audio.wav2vec2_layer import wav2vec2_layer
from llmmem.architectures.base import blocks_by_kind, uniform
from llmmem.config import Config
from llmmem.parts.basic import conv, linear, norm, positions, scalars
from llmmem.tensors import Block, ModelSpec, Part


def wavlm(c: Config, head: str | None = None) -> ModelSpec:
    """WavLMModel and its kin: distances bias the scores, gated (arXiv:2110.13900; transformers 5.23, models/wavlm)."""
    shape = shape_of(c)
    frames, width = convolutions(c)
    gate = (
        *scalars("gru_rel_pos_const", 1, shape.heads, 1, 1),
        *linear("gru_rel_pos_linear", shape.hidden // shape.heads, 8, bias=True),
    )
    table = positions("rel_attn_embed", c.int("num_buckets", default=320), shape.heads)

    def layer(first: bool) -> Part:
        # The first layer's table of distances serves all.
        return wav2vec2_layer(c, shape, extra=(*gate, *(table if first else ())), biased=True, adapts=False)

    kinds = [i == 0 for i in range(shape.layers)]
    blocks = [
        Block("audio", "feature_extractor.", frames.tensors, work=frames.work),
        projected(width, shape.hidden),
        *encoder_frame(c, shape.hidden, blocks_by_kind("audio", "encoder.layers.{}.", kinds, layer)),
    ]
    return speech_model(c, head, "wavlm", shape, blocks, width=width)


def data2vec_audio(c: Config, head: str | None = None) -> ModelSpec:
    """Data2VecAudioModel and its kin (arXiv:2202.03555; transformers 5.23, models/data2vec)."""
    shape = shape_of(c)
    frames, width = convolutions(c, normed=True)
    # Several plain convolutions in place of a long one; norms without parameters follow them.
    taps = c.int("conv_pos_kernel_size", default=19)
    one = conv("conv", shape.hidden, position_groups(c, shape.hidden), taps, bias=True)
    many = c.count("num_conv_pos_embeddings", default=5)
    layer = wav2vec2_layer(c, shape, adapts=False)
    blocks = [
        Block("audio", "feature_extractor.", frames.tensors, work=frames.work),
        projected(width, shape.hidden),
        *uniform("audio", "encoder.pos_conv_embed.layers.{}.", many, Part(one)),
        Block("audio", "encoder.", norm("layer_norm", shape.hidden, bias=True)),
        *uniform("audio", "encoder.layers.{}.", shape.layers, layer),
    ]
    return speech_model(c, head, "data2vec_audio", shape, blocks, width=width)
