"""BERT."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, embedding, linear, norm, positions
from llmmem.parts.encoder import bert_layer
from llmmem.tensors import Block, ModelSpec, Tensor

#: classes that read the first token's output through the pooler
POOLED = frozenset({"base", "pretraining", "nsp", "sequence", "choice"})

#: classes that keep keys and values when is_decoder is set; the others write nothing
WRITERS = frozenset({"base", "lm"})


def predictions(hidden: int, vocab: int, *, tied: bool) -> Tensors:
    """The head that fills in masked words; its matrix and bias have a second name, which untied are a second copy."""
    return (
        Tensor("cls.predictions.bias", (vocab,), "bias", 0),
        *linear("cls.predictions.transform.dense", hidden, hidden, bias=True),
        *norm("cls.predictions.transform.LayerNorm", hidden, bias=True),
        *(() if tied else linear("cls.predictions.decoder", hidden, vocab, bias=True, cut="column", role="head")),
    )


def bert(c: Config, head: str | None = None) -> ModelSpec:
    """BertForMaskedLM and its kin (arXiv:1810.04805; transformers 5.23, models/bert).

    Raises:
        ConfigError: cross attention in an encoder.
    """
    kind = head_of(c, head, "mlm")
    hidden = c.int("hidden_size", default=768)
    heads = c.int("num_attention_heads", default=12, least=1)
    vocab = c.int("vocab_size", default=30522)
    length = c.int("max_position_embeddings", default=512)
    writes, cross = c.bool("is_decoder"), c.bool("add_cross_attention")
    if cross and not writes:
        raise ConfigError("add_cross_attention needs is_decoder.", "Check the config.json.")
    layer = bert_layer(
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads),
        c.int("intermediate_size", default=3072),
        cache="full" if writes and kind in WRITERS else None,
        cross=cross,
    )
    tied = c.bool("tie_word_embeddings", default=True)
    masked = predictions(hidden, vocab, tied=tied)
    pair = linear("cls.seq_relationship", hidden, 2, bias=True, role="head")
    classes = linear("classifier", hidden, labels(c), bias=True, role="head")
    tops: dict[str, Tensors] = {
        "base": (),
        "mlm": masked,
        "lm": masked,
        "pretraining": (*masked, *pair),
        "nsp": pair,
        "sequence": classes,
        "token": classes,
        "choice": linear("classifier", hidden, 1, bias=True, role="head"),
        "qa": linear("qa_outputs", hidden, labels(c), bias=True, role="head"),
    }
    if kind not in tops:
        raise refuse_head(c, kind)
    prefix = "" if kind == "base" else "bert."
    component = "decoder" if writes else "encoder"
    stem = (
        *embedding("word_embeddings", vocab, hidden),
        *positions("position_embeddings", length, hidden),
        *positions("token_type_embeddings", c.int("type_vocab_size", default=2), hidden),
        *norm("LayerNorm", hidden, bias=True),
    )
    shared = (
        ("cls.predictions.decoder.weight", f"{prefix}embeddings.word_embeddings.weight"),
        ("cls.predictions.decoder.bias", "cls.predictions.bias"),
    )
    blocks = [
        Block(component, f"{prefix}embeddings.", stem),
        *uniform(component, f"{prefix}encoder.layer.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block(component, prefix, linear("pooler.dense", hidden, hidden, bias=True) if kind in POOLED else ()),
        Block(component, "", tops[kind]),
    ]
    return model_spec(
        c,
        blocks,
        hidden=hidden,
        vocab=vocab,
        max_context=length,
        tied=shared if tied and kind in ("mlm", "lm", "pretraining") else (),
    )
