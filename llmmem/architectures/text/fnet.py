"""FNet: BERT with a Fourier transform, which has no parameters, in place of attention."""

from __future__ import annotations

from llmmem.architectures.encoder import POOLED, encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers, pretraining
from llmmem.config import Config
from llmmem.parts.basic import linear, norm
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, Work, join


def fnet(c: Config, head: str | None = None) -> ModelSpec:
    """FNetForMaskedLM and its kin, all with a pooler (arXiv:2105.03824; transformers 5.23, models/fnet)."""
    e = encoder(c, head, vocab=32000, heads=1, types=4)
    masked = bert_head(e, "fnet.")
    tops = {"mlm": masked.tensors, **pretraining(e, masked), **classifiers(c, e.hidden)}
    layer = join(
        # The transform of complex numbers of twice the width, in and out.
        Part(norm("fourier.output.LayerNorm", e.hidden, bias=True), (), (Work("conv", 4 * e.hidden),)),
        mlp(("intermediate.dense", "output.dense"), e.hidden, e.intermediate),
        norm("output.LayerNorm", e.hidden, bias=True),
    )
    embeddings = stem(e, linear("projection", e.hidden, e.hidden, bias=True))
    blocks = frame(e, embeddings, layer, after=pooler(e, {*POOLED, *tops}))
    return encoder_model(c, e, "fnet.", blocks, tops, masked.tied)
