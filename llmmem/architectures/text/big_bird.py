"""BigBird and RoFormer: BERT with other ways to attend, which change few of its tensors."""

from __future__ import annotations

from llmmem.architectures.encoder import POOLED, encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers, pretraining, summary
from llmmem.config import Config
from llmmem.parts.basic import linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec


def big_bird(c: Config, head: str | None = None) -> ModelSpec:
    """BigBirdForMaskedLM and its kin, of which only the one for answers has no pooler.

    arXiv:2007.14062; transformers 5.23, models/big_bird.
    """
    e = encoder(c, head, decoder=True, vocab=50358, length=4096)
    masked = bert_head(e, "bert.")
    tops = {
        **dict.fromkeys(("mlm", "lm"), masked.tensors),
        "pretraining": pretraining(e, masked)["pretraining"],
        **classifiers(c, e.hidden, dense=True),
        "qa": (
            *mlp(("qa_classifier.intermediate.dense", "qa_classifier.output.dense"), e.hidden, e.intermediate).tensors,
            *norm("qa_classifier.output.LayerNorm", e.hidden, bias=True),
            *linear("qa_classifier.qa_outputs", e.hidden, 2, bias=True, role="head"),
        ),
    }
    layer = e.layer(bias=c.bool("use_bias", default=True))
    pooled = pooler(e, {*POOLED, "mlm", "lm", "token"}, "pooler")
    return encoder_model(c, e, "bert.", frame(e, stem(e), layer, after=pooled), tops, masked.tied)


def roformer(c: Config, head: str | None = None) -> ModelSpec:
    """RoFormerForMaskedLM and its kin: rotary positions, kept as a table (arXiv:2104.09864; models/roformer)."""
    e = encoder(c, head, decoder=True, vocab=50000, length=1536)
    width = c.int("embedding_size", default=e.hidden)
    masked = bert_head(e, "roformer.", width=width)
    tops = {
        **dict.fromkeys(("mlm", "lm"), masked.tensors),
        **classifiers(c, e.hidden, dense=True, answers=2),
    }
    tops["choice"] = (*summary(c, e.hidden)[0], *tops["choice"])
    before = (
        *(linear("embeddings_project", width, e.hidden, bias=True) if width != e.hidden else ()),
        *positions("encoder.embed_positions", e.length, e.head_dim),
    )
    blocks = frame(e, stem(e, width=width, placed=False), e.layer(), before=before)
    return encoder_model(c, e, "roformer.", blocks, tops, masked.tied)
