"""The audio tower of dots 3 note: Whisper's layers with RMSNorm, gated feed-forwards and rotary positions."""

from __future__ import annotations

from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, conv, linear, norm
from llmmem.parts.encoder import FAIRSEQ_QKVO
from llmmem.tensors import Block, ModelSpec, Part, Work, join

_ENCODER = "dots_encoder.speech_encoder."


def dots3_note_audio_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Dots3NoteAudioModel (transformers 5.23, models/dots3_note)."""
    no_head(c, head)
    older = c.sub("whisper_config")

    def size(name: str, old: str, default: int, least: int = 1) -> int:
        return older.int(old, default=c.int(name, default=default, least=least), least=least)

    hidden = size("hidden_size", "d_model", 1280)
    heads = size("num_attention_heads", "encoder_attention_heads", 20)
    layers = size("num_hidden_layers", "encoder_layers", 32, least=0)
    intermediate = size("intermediate_size", "encoder_ffn_dim", 5120)
    mels = size("feature_size", "num_mel_bins", 128)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    bias = c.bool("attention_bias", default=True)
    width = c.int("downsample_hidden_size", default=480)
    # Three convolutions halve the spectrogram along both sides.
    stem = (
        *conv("conv2d1", width, 1, 3, 3, bias=True),
        *conv("conv2d2", width, width, 3, 3, bias=True),
        *conv("conv2d3", width, width, 3, 3, bias=True),
        *linear("conv_out", width * -(-mels // 8), hidden),
    )
    layer = join(
        norm("self_attn_layer_norm", hidden),
        attention(
            "self_attn",
            hidden,
            heads,
            heads,
            head_dim,
            names=FAIRSEQ_QKVO,
            bias=(bias, False, bias),
            out_bias=bias,
            cache=None,
        ),
        norm("final_layer_norm", hidden),
        linear("fc1", hidden, 2 * intermediate, bias=True, cut=COLUMN),
        linear("fc2", intermediate, hidden, bias=True, cut=ROW),
        Part((), (), (Work("mlp", 4 * intermediate),)),
    )
    inputs = c.int("whisper_adapter_in_dim", "adapter_input_size", default=1280)
    outputs = c.int("whisper_adapter_out_dim", "adapter_output_size", "adapter_out_dim", default=5120)
    adapter = (
        *norm("proj.0", inputs, bias=True),
        *linear("proj.1", inputs, outputs, bias=True, cut=COLUMN),
        *linear("proj.3", outputs, outputs, bias=True, cut=ROW),
    )
    blocks = [
        Block("audio", _ENCODER, stem),
        *uniform("audio", _ENCODER + "layers.{}.", layers, layer),
        Block("audio", _ENCODER, norm("layer_norm", hidden)),
        Block("audio", "audio_adapter.", adapter),
    ]
    return model_spec(c, blocks, hidden=hidden)
