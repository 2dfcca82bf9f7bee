"""MPNet: RoBERTa with relative positions."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder, stem
from llmmem.architectures.text.roberta import roberta_like
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Tensor, join


def mpnet(c: Config, head: str | None = None) -> ModelSpec:
    """MPNetForMaskedLM and its kin (arXiv:2004.09297; transformers 5.23, models/mpnet)."""
    e = encoder(c, head, vocab=30527, types=None)
    layer = join(
        attention(
            "attention.attn",
            e.hidden,
            e.heads,
            e.heads,
            e.head_dim,
            names=("q", "k", "v", "o"),
            bias=True,
            out_bias=True,
            cache=None,
            biased=True,
        ),
        norm("attention.LayerNorm", e.hidden, bias=True),
        mlp(("intermediate.dense", "output.dense"), e.hidden, e.intermediate),
        norm("output.LayerNorm", e.hidden, bias=True),
    )
    buckets = c.int("relative_attention_num_buckets", default=32)
    table = (Tensor("encoder.relative_attention_bias.weight", (buckets, e.heads), "position", 1),)
    return roberta_like(c, e, "mpnet.", layer, embeddings=stem(e, segments=False), final=table, writes=False)
