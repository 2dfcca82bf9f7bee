"""LayoutLM and TAPAS: BERT with tables for where a word stands, on a page or in a table."""

from __future__ import annotations

from llmmem.architectures.encoder import POOLED, encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers
from llmmem.config import Config
from llmmem.parts.basic import linear, positions, scalars
from llmmem.tensors import ModelSpec


def layoutlm(c: Config, head: str | None = None) -> ModelSpec:
    """LayoutLMForMaskedLM and its kin, all with a pooler (arXiv:1912.13318; transformers 5.23, models/layoutlm)."""
    e = encoder(c, head)
    masked = bert_head(e, "layoutlm.")
    tops = {"mlm": masked.tensors, **classifiers(c, e.hidden)}
    del tops["choice"]
    grid = c.int("max_2d_position_embeddings", default=1024)
    page = tuple(t for axis in "xyhw" for t in positions(f"{axis}_position_embeddings", grid, e.hidden))
    pooled = pooler(e, {*POOLED, *tops})
    return encoder_model(c, e, "layoutlm.", frame(e, stem(e, page), e.layer(), after=pooled), tops, masked.tied)


def tapas(c: Config, head: str | None = None) -> ModelSpec:
    """TapasForQuestionAnswering, TapasForMaskedLM and their kin (arXiv:2004.02349; transformers 5.23, models/tapas)."""
    # It may be built as a decoder, but its classes keep nothing for the next token.
    e = encoder(c, head, decoder=True, length=1024, types=None)._replace(cache=None)
    masked = bert_head(e, "tapas.")
    actions = c.int("num_aggregation_labels", default=0)
    tops = {
        "mlm": masked.tensors,
        "sequence": classifiers(c, e.hidden)["sequence"],
        "qa": (
            *scalars("output_weights", e.hidden),
            *scalars("column_output_weights", e.hidden),
            *scalars("output_bias"),
            *scalars("column_output_bias"),
            *(linear("aggregation_classifier", e.hidden, actions, bias=True, role="head") if actions else ()),
        ),
    }
    sizes = c.ints("type_vocab_sizes")
    sizes = [3, 256, 256, 2, 256, 256, 10] if sizes is None else sizes
    tables = tuple(t for i, n in enumerate(sizes) for t in positions(f"token_type_embeddings_{i}", n, e.hidden))
    blocks = frame(e, stem(e, tables, segments=False), e.layer(), after=pooler(e, {*POOLED, "qa"}))
    return encoder_model(c, e, "tapas.", blocks, tops, masked.tied)
