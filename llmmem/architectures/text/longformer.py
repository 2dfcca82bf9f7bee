"""Longformer: RoBERTa that attends to a window, and to a few chosen tokens from everywhere."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder
from llmmem.architectures.text.roberta import roberta_like
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear
from llmmem.tensors import ModelSpec


def longformer(c: Config, head: str | None = None) -> ModelSpec:
    """LongformerForMaskedLM and its kin: the chosen tokens have projections of their own.

    arXiv:2004.05150; transformers 5.23, models/longformer.
    """
    e = encoder(c, head)
    chosen = tuple(
        t
        for name in ("query_global", "key_global", "value_global")
        for t in linear(name, e.hidden, e.hidden, bias=True, cut=COLUMN, unit=e.head_dim)
    )
    return roberta_like(c, e, "longformer.", e.layer(extra=chosen), writes=False)
