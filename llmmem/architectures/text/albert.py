"""ALBERT: one layer used over and over, and narrow embeddings."""

from __future__ import annotations

from llmmem.architectures.base import labels
from llmmem.architectures.encoder import encoder, encoder_model, pooler, stem
from llmmem.architectures.heads import classifiers, masked_head
from llmmem.config import Config
from llmmem.parts.attention import attention
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, join, runs


def albert(c: Config, head: str | None = None) -> ModelSpec:
    """AlbertForMaskedLM and its kin (arXiv:1909.11942; transformers 5.23, models/albert).

    num_hidden_layers are run, but only num_hidden_groups groups of inner_group_num layers are stored.
    """
    e = encoder(c, head, vocab=30000, hidden=4096, heads=64, intermediate=16384)
    width = c.int("embedding_size", default=128)
    masked = masked_head(e, "albert.", "predictions", width=width, norm_name="LayerNorm")
    order = linear("sop_classifier.classifier", e.hidden, labels(c), bias=True, role="head")
    tops = {"mlm": masked.tensors, "pretraining": (*masked.tensors, *order), **classifiers(c, e.hidden)}
    names = ("query", "key", "value", "dense")
    attends = attention(
        "attention",
        e.hidden,
        e.heads,
        e.heads,
        e.head_dim,
        names=names,
        bias=True,
        out_bias=True,
        cache=None,
        rotary=False,
    )
    layer = join(
        norm("full_layer_layer_norm", e.hidden, bias=True),
        runs(attends, held=2, scores=(2, 0)),
        norm("attention.LayerNorm", e.hidden, bias=True),
        mlp(("ffn", "ffn_output"), e.hidden, e.intermediate),
    )
    inner = range(c.count("inner_group_num", default=1))
    group = tuple(t._replace(name=f"{i}.{t.name}") for i in inner for t in layer.tensors)
    groups = range(c.count("num_hidden_groups", default=1))
    blocks = (
        Block(e.component, "embeddings.", stem(e, width=width)),
        Block(e.component, "encoder.", linear("embedding_hidden_mapping_in", width, e.hidden, bias=True)),
        Block(e.component, "encoder.albert_layer_groups.{}.albert_layers.", group, groups, work=layer.work),
        Block(e.component, "", pooler(e, name="pooler")),
    )
    return encoder_model(c, e, "albert.", blocks, tops, masked.tied)
