"""LUKE: RoBERTa that reads entities beside words."""

from __future__ import annotations

from llmmem.architectures.base import labels
from llmmem.architectures.encoder import POOLED, encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import classifiers
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, embedding, linear, norm, positions
from llmmem.tensors import Block, ModelSpec, Tensor

#: classes about entities: how many of them they read at once
_ENTITIES = {"entity": 1, "entity_pair": 2, "entity_span": 3}


def luke(c: Config, head: str | None = None) -> ModelSpec:
    """LukeForMaskedLM, which also fills in entities, and its kin (arXiv:2010.01057; transformers 5.23, models/luke).

    Tied, the matrix over the words stays apart, but its bias has two names.
    """
    e = encoder(c, head, vocab=50267)
    entities = c.int("entity_vocab_size", default=500000)
    width = c.int("entity_emb_size", default=256)
    masked = (
        *linear("lm_head.dense", e.hidden, e.hidden, bias=True),
        *norm("lm_head.layer_norm", e.hidden, bias=True),
        *linear("lm_head.decoder", e.hidden, e.vocab, bias=True, cut=COLUMN, role="head"),
        *linear("entity_predictions.transform.dense", e.hidden, width, bias=True),
        *norm("entity_predictions.transform.LayerNorm", width, bias=True),
        Tensor("entity_predictions.bias", (entities,), "head", 0),
    )
    if not e.tied:
        masked += (
            Tensor("lm_head.bias", (e.vocab,), "head", 0),
            *linear("entity_predictions.decoder", width, entities, cut=COLUMN, role="head"),
        )
    tied = (
        ("lm_head.bias", "lm_head.decoder.bias"),
        ("entity_predictions.decoder.weight", "luke.entity_embeddings.entity_embeddings.weight"),
    )
    tops = {"mlm": masked, **classifiers(c, e.hidden)}
    for kind, count in _ENTITIES.items():
        tops[kind] = linear("classifier", count * e.hidden, labels(c), bias=kind != "entity_pair", role="head")
    # Words look at entities, and entities at words and at each other, with queries of their own.
    queries = tuple(
        t
        for name in ("w2e_query", "e2w_query", "e2e_query")
        for t in linear(name, e.hidden, e.hidden, bias=True, cut=COLUMN, unit=e.head_dim)
    )
    layer = e.layer(extra=queries if c.bool("use_entity_aware_attention", default=True) else ())
    table = (
        *embedding("entity_embeddings", entities, width),
        *(linear("entity_embedding_dense", width, e.hidden) if width != e.hidden else ()),
        *positions("position_embeddings", e.length, e.hidden),
        *positions("token_type_embeddings", e.types, e.hidden),
        *norm("LayerNorm", e.hidden, bias=True),
    )
    blocks = (
        Block(e.component, "entity_embeddings.", table),
        *frame(e, stem(e), layer, after=pooler(e, {*POOLED, *_ENTITIES, "mlm"})),
    )
    return encoder_model(c, e, "luke.", blocks, tops, tied)
