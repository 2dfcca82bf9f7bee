"""mBART and PLBART: BART for many languages, and for programs."""

from __future__ import annotations

from llmmem.architectures.text.bart import fairseq_model, judges
from llmmem.config import Config
from llmmem.parts.basic import norm, positions
from llmmem.tensors import ModelSpec


def mbart(c: Config, head: str | None = None) -> ModelSpec:
    """MBartForConditionalGeneration and its kin: a norm after each stack (arXiv:2001.08210; transformers 5.23)."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    length = c.int("max_position_embeddings", default=1024)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=50265),
        length=length,
        # fairseq kept two rows of the positions for padding
        stem=(*positions("embed_positions", length + 2, hidden), *norm("layernorm_embedding", hidden, bias=True)),
        final=norm("layer_norm", hidden, bias=True),
        tops=judges(c, hidden),
    )


def plbart(c: Config, head: str | None = None) -> ModelSpec:
    """PLBartForConditionalGeneration and its kin (arXiv:2103.06333; transformers 5.23, models/plbart)."""
    hidden = c.int("hidden_size", "d_model", default=768)
    length = c.int("max_position_embeddings", default=1024)
    return fairseq_model(
        c,
        head,
        hidden=hidden,
        vocab=c.int("vocab_size", default=50005),
        length=length,
        stem=(*positions("embed_positions", length + 2, hidden), *norm("layernorm_embedding", hidden, bias=True)),
        layers=(6, 6),
        heads=12,
        intermediate=3072,
        tops={"sequence": judges(c, hidden)["sequence"]},
    )
