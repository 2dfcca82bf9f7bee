"""BERT, and the encoders that are BERT but for a table, a norm or the width of the embeddings."""

from __future__ import annotations

from llmmem.architectures.encoder import encoder, encoder_model, frame, pooler, stem
from llmmem.architectures.heads import bert_head, classifiers, pretraining
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm, positions
from llmmem.tensors import ModelSpec, Tensor


def bert(c: Config, head: str | None = None) -> ModelSpec:
    """BertForMaskedLM and its kin (arXiv:1810.04805; transformers 5.23, models/bert)."""
    e = encoder(c, head, decoder=True)
    masked = bert_head(e, "bert.")
    tops = {
        **dict.fromkeys(("mlm", "lm"), masked.tensors),
        **pretraining(e, masked),
        **classifiers(c, e.hidden),
    }
    return encoder_model(c, e, "bert.", frame(e, stem(e), e.layer(), after=pooler(e)), tops, masked.tied)


def ernie(c: Config, head: str | None = None) -> ModelSpec:
    """ErnieForMaskedLM and its kin: BERT with a table of tasks (arXiv:1907.12412; transformers 5.23, models/ernie)."""
    e = encoder(c, head, decoder=True)
    masked = bert_head(e, "ernie.")
    tops = {
        **dict.fromkeys(("mlm", "lm"), masked.tensors),
        **pretraining(e, masked),
        **classifiers(c, e.hidden),
    }
    tasks = c.int("task_type_vocab_size", default=3)
    table = positions("task_type_embeddings", tasks, e.hidden) if c.bool("use_task_id") else ()
    return encoder_model(c, e, "ernie.", frame(e, stem(e, table), e.layer(), after=pooler(e)), tops, masked.tied)


def megatron_bert(c: Config, head: str | None = None) -> ModelSpec:
    """MegatronBertForMaskedLM and its kin: norms before the sublayers and none over the embeddings.

    arXiv:1909.08053; transformers 5.23, models/megatron_bert.
    """
    e = encoder(c, head, decoder=True, vocab=29056, hidden=1024, layers=24, heads=16, intermediate=4096)
    masked = bert_head(e, "bert.")
    tops = {
        **dict.fromkeys(("mlm", "lm"), masked.tensors),
        **pretraining(e, masked),
        **classifiers(c, e.hidden),
    }
    after = (*norm("encoder.ln", e.hidden, bias=True), *pooler(e))
    blocks = frame(e, stem(e, normed=False), e.layer(norms=("ln", "ln")), after=after)
    return encoder_model(c, e, "bert.", blocks, tops, masked.tied)


def bert_generation(c: Config, head: str | None = None) -> ModelSpec:
    """BertGenerationDecoder, and the BertGenerationEncoder that is its base: no segments, no pooler.

    arXiv:1907.12461; transformers 5.23, models/bert_generation.
    """
    e = encoder(
        c,
        head,
        decoder=True,
        vocab=50358,
        hidden=1024,
        layers=24,
        heads=16,
        intermediate=4096,
        types=None,
        default_head="lm",
    )
    top: Tensors = (Tensor("lm_head.bias", (e.vocab,), "head", 0),)
    if not e.tied:
        top += linear("lm_head.decoder", e.hidden, e.vocab, bias=True, cut="column", role="head")
    tied = (
        ("lm_head.decoder.weight", "bert.embeddings.word_embeddings.weight"),
        ("lm_head.decoder.bias", "lm_head.bias"),
    )
    return encoder_model(c, e, "bert.", frame(e, stem(e, segments=False), e.layer()), {"lm": top}, tied)


def rembert(c: Config, head: str | None = None) -> ModelSpec:
    """RemBertForMaskedLM and its kin: narrow embeddings, and a wide head that never shares them.

    arXiv:2010.12821; transformers 5.23, models/rembert.
    """
    e = encoder(c, head, decoder=True, vocab=250300, hidden=1152, layers=32, heads=18, intermediate=4608, tied=False)
    width = c.int("input_embedding_size", default=256)
    output = c.int("output_embedding_size", default=1664)
    masked = (
        *linear("cls.predictions.dense", e.hidden, output, bias=True),
        *norm("cls.predictions.LayerNorm", output, bias=True),
        *linear("cls.predictions.decoder", output, e.vocab, bias=True, cut="column", role="head"),
    )
    tops = {"mlm": masked, "lm": masked, **classifiers(c, e.hidden)}
    wider = linear("encoder.embedding_hidden_mapping_in", width, e.hidden, bias=True)
    return encoder_model(
        c, e, "rembert.", frame(e, stem(e, width=width), e.layer(), before=wider, after=pooler(e)), tops
    )
