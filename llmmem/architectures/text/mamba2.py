"""Mamba-2."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mamba import mamba2_mixer
from llmmem.tensors import ModelSpec, join


def mamba2(c: Config, head: str | None = None) -> ModelSpec:
    """Mamba2ForCausalLM (transformers 5.23, models/mamba2).

    Raises:
        ConfigError: heads that do not make up ``expand * hidden_size``.
    """
    hidden = c.int("hidden_size", default=4096)
    heads, head_dim = c.int("num_heads", default=128), c.int("head_dim", default=64)
    inner = c.int("expand", default=2) * hidden
    if heads * head_dim != inner:
        raise ConfigError(
            f"num_heads {heads:,} x head_dim {head_dim:,} is not expand x hidden_size = {inner:,}.",
            "Check the config.json.",
        )
    layer = join(
        norm("norm", hidden),
        mamba2_mixer(
            "mixer",
            hidden,
            heads,
            head_dim,
            c.int("state_size", default=128),
            c.int("n_groups", default=8),
            c.int("conv_kernel", default=4),
            bias=c.bool("use_bias"),
            conv_bias=c.bool("use_conv_bias", default=True),
            chunk=c.int("chunk_size", default=256),
        ),
    )
    vocab = c.int("vocab_size", default=32768)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=64), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("norm_f", hidden),
        base="backbone.",
    )
