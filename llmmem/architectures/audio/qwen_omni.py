"""The audio towers of Qwen-Omni."""

from __future__ import annotations

from llmmem.architectures.audio.qwen3_asr import qwen3_asr_encoder
from llmmem.architectures.audio.whisper_encoder import BIAS, HALVED, HEADS, HOP, INNER, LARGE, LAYERS, WIDTH, stem
from llmmem.architectures.base import model_spec, no_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.basic import COLUMN, ROW, linear, norm, positions
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec, Sound

_QWEN3 = {"d_model": 1280, "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5120}


def qwen2_5_omni_audio_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen2_5OmniAudioEncoder: Whisper's, in windows (arXiv:2503.20215; transformers 5.23, models/qwen2_5_omni)."""
    no_head(c, head)
    hidden = c.int(*WIDTH, default=LARGE.hidden, least=1)
    heads = c.int(*HEADS, default=LARGE.heads, least=1)
    head_dim = divide(c, "width over attention heads", hidden, heads)
    inner, output = c.int(*INNER, default=LARGE.intermediate), c.int("output_dim", default=3584)
    layer = fairseq_layer(hidden, heads, head_dim, inner, decoder=False, bias=BIAS)
    top = (
        *norm("ln_post", hidden, bias=True),
        *linear("proj", hidden, output, bias=True, cut=COLUMN),
        *positions("audio_bos_eos_token", 2, output),
    )
    blocks = [
        Block("audio", "", stem(c.int("num_mel_bins", default=LARGE.mels), hidden)),
        *uniform("audio", "layers.{}.", c.count(*LAYERS, default=LARGE.layers), layer),
        Block("audio", "", top),
    ]
    # Published processors take up to 300 seconds; two neighbouring frames become one token.
    sound = Sound(hidden, padding=HOP - 1, convs=HALVED, most=300, group=2)
    return model_spec(c, blocks, hidden=hidden)._replace(sound=sound)


def qwen3_omni_moe_audio_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """Qwen3OmniMoeAudioEncoder (arXiv:2509.17765; transformers 5.23, models/qwen3_omni_moe)."""
    no_head(c, head)
    tower = qwen3_asr_encoder(Config({**_QWEN3, **c.raw}, c.path, c.reads), "base")
    width = tower.hidden_size
    top = (
        *linear("proj1", width, width, bias=True, cut=COLUMN),
        *linear("proj2", width, c.int("output_dim", default=3584), bias=True, cut=ROW),
    )
    return tower._replace(blocks=(*tower.blocks, Block("audio", "", top)))
