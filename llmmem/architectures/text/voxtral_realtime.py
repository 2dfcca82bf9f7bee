"""The language model of Voxtral Realtime: Mistral's layers, told how far they run behind the sound."""

from __future__ import annotations

from llmmem.architectures.base import language_model, layer_windows
from llmmem.architectures.text.decoder import llama_layers, sizes
from llmmem.config import Config
from llmmem.parts.basic import linear
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, join

#: width of the two matrices that turn the delay into a scale
DELAY = 32


def voxtral_realtime_text(c: Config, head: str | None = None) -> ModelSpec:
    """VoxtralRealtimeTextModel, which has no head of its own (transformers 5.23, models/voxtral_realtime)."""
    s = sizes(c, hidden=4096, heads=32, kv_heads=8, intermediate=14336)
    feed_forward = join(
        linear("ada_rms_norm.linear1", s.hidden, DELAY),
        linear("ada_rms_norm.linear2", DELAY, s.hidden),
        gated_mlp("mlp", s.hidden, s.intermediate),
    )
    n = c.count("num_hidden_layers", default=32)
    windows = layer_windows(c, n, c.optional("sliding_window", default=4096))
    return language_model(
        c,
        head,
        llama_layers(s, windows, feed_forward=feed_forward),
        hidden=s.hidden,
        vocab=c.int("vocab_size", default=32000, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
        default_head="base",
    )
