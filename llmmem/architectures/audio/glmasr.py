"""The audio tower of GLM-ASR: Whisper's convolutions before layers with rotary positions."""

from __future__ import annotations

from llmmem.architectures.audio.whisper_encoder import BIAS, HALVED, HOP, stem
from llmmem.architectures.base import head_width, model_spec, no_head, uniform
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Sound, join


def glmasr_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """GlmAsrEncoder (transformers 5.23, models/glmasr)."""
    no_head(c, head)
    hidden = c.int("hidden_size", default=1280, least=1)
    heads = c.int("num_attention_heads", default=20, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    layer = join(
        norm("input_layernorm", hidden, bias=True),
        attention(
            "self_attn", hidden, heads, kv_heads, head_width(c, hidden, heads), bias=BIAS, out_bias=True, cache=None
        ),
        norm("post_attention_layernorm", hidden, bias=True),
        mlp(("mlp.fc1", "mlp.fc2"), hidden, c.int("intermediate_size", default=5120)),
    )
    blocks = [
        Block("audio", "", stem(c.int("num_mel_bins", default=128), hidden)),
        *uniform("audio", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        Block("audio", "", norm("norm", hidden, bias=True)),
    ]
    # Sound comes in pieces of 30 seconds, padded to that length.
    spec = model_spec(c, blocks, hidden=hidden, encoder_length=c.int("max_position_embeddings", default=1500))
    return spec._replace(sound=Sound(hidden, padding=HOP - 1, convs=HALVED, window=30))
