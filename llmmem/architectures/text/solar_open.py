"""Solar Open: DeepSeek-V3's experts under Llama's attention, in every layer."""

from __future__ import annotations

from llmmem.architectures.base import head_width, language_model, layer_windows
from llmmem.architectures.text.decoder import Sizes, llama_layers
from llmmem.architectures.text.deepseek import routed
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def solar_open(c: Config, head: str | None = None) -> ModelSpec:
    """SolarOpenForCausalLM (transformers 5.23, models/solar_open)."""
    hidden = c.int("hidden_size", default=4096, least=1)
    heads = c.int("num_attention_heads", default=64, least=1)
    kv_heads = c.int("num_key_value_heads", default=8, least=1)
    s = Sizes(hidden, heads, kv_heads, head_width(c, hidden, heads, 128), 0)
    windows = layer_windows(c, c.count("num_hidden_layers", default=48), c.optional("sliding_window"))
    moe = routed(c, hidden, inner=1280, count=128, top_k=8)
    return language_model(
        c,
        head,
        llama_layers(s, windows, bias=c.bool("attention_bias"), feed_forward=moe),
        hidden=hidden,
        vocab=c.int("vocab_size", default=196608, least=1),
        heads=(),
        max_context=c.int("max_position_embeddings", default=131072),
    )
