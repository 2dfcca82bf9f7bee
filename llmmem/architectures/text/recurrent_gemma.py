"""RecurrentGemma: Griffin's recurrences with a local attention layer after every two."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_width, language_model
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.lru import recurrent_block
from llmmem.parts.mlp import gated_mlp
from llmmem.tensors import ModelSpec, Part, join


def recurrent_gemma(c: Config, head: str | None = None) -> ModelSpec:
    """RecurrentGemmaForCausalLM (arXiv:2404.07839; transformers 5.23, models/recurrent_gemma)."""
    hidden = c.int("hidden_size", default=2560, least=1)
    heads = c.int("num_attention_heads", default=10, least=1)
    kv_heads = c.int("num_key_value_heads", default=heads, least=1)
    width = c.int("lru_width", default=hidden)
    divide(c, "lru_width over num_attention_heads", width, heads)
    mixers = {
        True: recurrent_block("temporal_block", hidden, width, heads, c.int("conv1d_width", default=4, least=1)),
        False: attention(
            "temporal_block",
            hidden,
            heads,
            kv_heads,
            head_width(c, hidden, heads),
            bias=c.bool("attention_bias"),
            out_bias=True,
            cache="sliding",
            window=c.int("sliding_window", "attention_window_size", default=2048),
        ),
    }
    # intermediate_size counts gate and up together.
    mlp = gated_mlp("mlp_block", hidden, c.int("intermediate_size", default=7680) // 2, bias=True)

    def layer(recurrent: bool) -> Part:
        return join(norm("temporal_pre_norm", hidden), mixers[recurrent], norm("channel_pre_norm", hidden), mlp)

    period = c.list("block_types") or ["recurrent", "recurrent", "attention"]
    n = c.count("num_hidden_layers", default=26)
    if n > 100 * len(period):
        raise ConfigError(f"block_types is repeated 100 times at most, not to {n:,} layers.", "Check the config.json.")
    kinds = [period[i % len(period)] == "recurrent" for i in range(n)]
    return language_model(
        c,
        head,
        blocks_by_kind("language", "layers.{}.", kinds, layer),
        hidden=hidden,
        vocab=c.int("vocab_size", default=256000, least=1),
        final=norm("final_norm", hidden),
        tied=True,
        heads=(),
    )
