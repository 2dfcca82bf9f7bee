"""MobileBERT: thin layers between bottlenecks."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import Masked, bert_head, classifiers, pretraining
from llmmem.config import Config
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm
from llmmem.parts.encoder import BERT_QKVO
from llmmem.parts.mlp import mlp
from llmmem.tensors import ModelSpec, Part, Tensor, join


def _squeeze(name: str, inputs: int, outputs: int) -> Tensors:
    """A layer and its norm, in and out of the bottleneck."""
    return (*linear(f"{name}.dense", inputs, outputs, bias=True), *norm(f"{name}.LayerNorm", outputs, bias=True))


def mobilebert(c: Config, head: str | None = None) -> ModelSpec:
    """MobileBertForPreTraining, MobileBertForMaskedLM and their kin.

    arXiv:2004.02984; transformers 5.23, models/mobilebert. The matrix over the vocabulary is that of the narrow
    embeddings, and one of its own for the rest of the width.
    """
    e = encoder(c, head, hidden=512, layers=24, heads=4, intermediate=512, even=False)
    width = c.int("embedding_size", default=128)
    bottleneck = c.bool("use_bottleneck", default=True)
    narrow = c.int("intra_bottleneck_size", default=128)
    # The class saves the width it derives, and reads it back.
    thin = c.int("true_hidden_size", default=narrow if bottleneck else e.hidden)
    head_dim = thin // e.heads
    wide = e.heads * head_dim
    values = thin if c.bool("use_bottleneck_attention") else e.hidden
    query, key, value, output = (f"attention.{name}" for name in BERT_QKVO)

    def feed_forward(name: str) -> Part:
        return join(
            mlp((f"{name}intermediate.dense", f"{name}output.dense"), thin, e.intermediate),
            norm(f"{name}output.LayerNorm", thin, bias=True),
        )

    attend = Part(
        (
            *linear(query, thin, wide, bias=True, cut=COLUMN, unit=head_dim),
            *linear(key, thin, wide, bias=True, cut=COLUMN, unit=head_dim),
            *linear(value, values, wide, bias=True, cut=COLUMN, unit=head_dim),
            *linear(output, thin, thin, bias=True, cut=ROW, unit=head_dim),
            *norm("attention.output.LayerNorm", thin, bias=True),
        ),
        (),
        (attention_work(e.heads, e.heads, head_dim),),
    )
    around: Tensors = ()
    if bottleneck:
        around = (*_squeeze("output.bottleneck", thin, e.hidden), *_squeeze("bottleneck.input", e.hidden, narrow))
        if c.bool("key_query_shared_bottleneck", default=True):
            around += _squeeze("bottleneck.attention", e.hidden, narrow)
    stacked = range(c.count("num_feedforward_networks", default=4) - 1)
    layer = join(attend, around, *(feed_forward(f"ffn.{i}.") for i in stacked), feed_forward(""))

    tensors = (
        Tensor("cls.predictions.bias", (e.vocab,), "head", 0),
        *linear("cls.predictions.transform.dense", e.hidden, e.hidden, bias=True),
        *norm("cls.predictions.transform.LayerNorm", e.hidden, bias=True),
        *linear("cls.predictions.dense", e.vocab, e.hidden - width),
        *(() if e.tied else linear("cls.predictions.decoder", width, e.vocab, bias=True, cut=COLUMN, role="head")),
    )
    masked = Masked(tensors, bert_head(e, "mobilebert.").tied)
    tops = {"mlm": masked.tensors, **pretraining(e, masked), **classifiers(c, e.hidden)}
    three = 3 if c.bool("trigram_input", default=True) else 1
    embeddings = (
        *embedding("word_embeddings", e.vocab, width),
        *linear("embedding_transformation", three * width, e.hidden, bias=True),
        *stem(e)[1:],
    )
    pooled = pooler(e) if c.bool("classifier_activation", default=True) else ()
    return encoder_model(c, e, "mobilebert.", frame(e, embeddings, layer, after=pooled), tops, masked.tied)
