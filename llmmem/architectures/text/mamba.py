"""Mamba and Falcon-Mamba."""

from __future__ import annotations

from llmmem.architectures.base import language_model, uniform
from llmmem.config import Config
from llmmem.parts.basic import embedding, norm
from llmmem.parts.mamba import mamba_mixer
from llmmem.tensors import ModelSpec, join


def time_step_rank(c: Config, name: str, hidden: int) -> int:
    """The rank of the time step: a number, or "auto" for a sixteenth of the width, rounded up."""
    return -(-hidden // 16) if c.get(name) in (None, "auto") else c.int(name)


def mamba(c: Config, head: str | None = None) -> ModelSpec:
    """MambaForCausalLM (transformers 5.23, models/mamba)."""
    hidden = c.int("hidden_size", default=768)
    layer = join(
        norm("norm", hidden),
        mamba_mixer(
            "mixer",
            hidden,
            # A stated width wins over expand * hidden_size: Falcon-Mamba-7B states 8192 beside expand 16.
            c.int("intermediate_size", default=c.int("expand", default=2) * hidden),
            c.int("state_size", default=16),
            time_step_rank(c, "time_step_rank", hidden),
            c.int("conv_kernel", default=4),
            bias=c.bool("use_bias"),
            conv_bias=c.bool("use_conv_bias", default=True),
        ),
    )
    vocab = c.int("vocab_size", default=50280)
    return language_model(
        c,
        head,
        uniform("language", "layers.{}.", c.count("num_hidden_layers", default=32), layer),
        hidden=hidden,
        vocab=vocab,
        stem=embedding("embeddings", vocab, hidden),
        final=norm("norm_f", hidden),
        base="backbone.",
        tied=True,
    )


def falcon_mamba(c: Config, head: str | None = None) -> ModelSpec:
    """Mamba whose norms of B, C and the time step have no weights (transformers 5.23, models/falcon_mamba)."""
    return mamba(c, head)
