"""The audio tower of Voxtral Realtime: a causal one, which hears while it is spoken to."""

from __future__ import annotations

from llmmem.architectures.audio.whisper_encoder import BIAS, stem
from llmmem.architectures.base import blocks_by_kind, head_width, layer_windows, model_spec, no_head
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, ROW, linear, norm
from llmmem.tensors import Block, Cache, ModelSpec, Part, Work, join


def voxtral_realtime_encoder(c: Config, head: str | None = None) -> ModelSpec:
    """VoxtralRealtimeEncoder (transformers 5.23, models/voxtral_realtime)."""
    no_head(c, head)
    hidden = c.int("d_model", "hidden_size", default=1280, least=1)
    heads = c.int("encoder_attention_heads", "num_key_value_heads", "num_attention_heads", default=32, least=1)
    head_dim = head_width(c, hidden, heads, 64)
    intermediate = c.int("encoder_ffn_dim", "intermediate_size", default=5120)
    feed_forward = Part(
        (
            *linear("mlp.gate_proj", hidden, intermediate, cut=COLUMN),
            *linear("mlp.up_proj", hidden, intermediate, cut=COLUMN),
            *linear("mlp.down_proj", intermediate, hidden, bias=True, cut=ROW),
        ),
        (),
        (Work("mlp", 3 * intermediate),),
    )

    def layer(cache: str, window: int | None) -> Part:
        return join(
            norm("self_attn_layer_norm", hidden),
            attention(
                "self_attn", hidden, heads, heads, head_dim, bias=BIAS, out_bias=True, cache=cache, window=window
            ),
            norm("final_layer_norm", hidden),
            feed_forward,
        )

    mels = c.int("num_mel_bins", default=128)
    n = c.count("encoder_layers", "num_hidden_layers", default=32)
    windows = layer_windows(c, n, c.optional("sliding_window", default=750))
    # What the convolutions still need of the past: kernels of 3, one of them in steps of 2.
    past = (Cache("conv", mels, size=2), Cache("conv", hidden, size=1))
    blocks = [
        Block("audio", "embedder.", stem(mels, hidden), caches=past),
        *blocks_by_kind("audio", "layers.{}.", windows, layer),
        Block("audio", "", norm("norm", hidden)),
    ]
    return model_spec(c, blocks, hidden=hidden)
