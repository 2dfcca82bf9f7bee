"""Heads that encoders share: those BERT and RoBERTa gave them."""

from __future__ import annotations

from typing import NamedTuple

from llmmem.architectures.base import labels
from llmmem.architectures.encoder import Encoder, Tied
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm
from llmmem.tensors import Tensor


class Masked(NamedTuple):
    """A head that fills in words, and the second names it has for tensors of the embeddings and its own."""

    tensors: Tensors
    tied: Tied


def masked_head(
    e: Encoder,
    base: str,
    name: str = "lm_head",
    *,
    width: int | None = None,
    dense: str = "dense",
    norm_name: str = "layer_norm",
    words: str = "embeddings.word_embeddings.weight",
) -> Masked:
    """RoBERTa's head: a layer, a norm, and the matrix over the vocabulary, whose bias has two names.

    Untied, both the matrix and the bias are stored a second time.

    Args:
        base: prefix of the base model.
        width: of the embeddings (default: hidden).
        words: the embeddings it may share its matrix with.
    """
    width = width or e.hidden
    decoder = linear(f"{name}.decoder", width, e.vocab, bias=True, cut="column", role="head")
    tensors = (
        Tensor(f"{name}.bias", (e.vocab,), "head", 0),
        *linear(f"{name}.{dense}", e.hidden, width, bias=True),
        *norm(f"{name}.{norm_name}", width, bias=True),
        *(() if e.tied else decoder),
    )
    return Masked(tensors, ((f"{name}.decoder.weight", base + words), (f"{name}.decoder.bias", f"{name}.bias")))


def bert_head(e: Encoder, base: str, *, width: int | None = None) -> Masked:
    """The same head under BERT's names."""
    return masked_head(
        e, base, "cls.predictions", width=width, dense="transform.dense", norm_name="transform.LayerNorm"
    )


def pretraining(e: Encoder, masked: Masked) -> dict[str, Tensors]:
    """BERT's classes that tell whether two sentences follow one another."""
    pair = linear("cls.seq_relationship", e.hidden, 2, bias=True, role="head")
    return {"pretraining": (*masked.tensors, *pair), "nsp": pair}


def classifiers(c: Config, hidden: int, *, dense: bool = False, answers: int | None = None) -> dict[str, Tensors]:
    """Heads for whole texts, tokens, choices and answers.

    Args:
        dense: the head for whole texts has a layer of its own, in place of a pooler.
        answers: outputs of the head for answers (default: as many as labels).
    """
    count = labels(c)
    classes = linear("classifier", hidden, count, bias=True, role="head")
    return {
        "sequence": dense_classifier("classifier", hidden, count) if dense else classes,
        "token": classes,
        "choice": linear("classifier", hidden, 1, bias=True, role="head"),
        "qa": linear("qa_outputs", hidden, answers or count, bias=True, role="head"),
    }


def dense_classifier(name: str, inputs: int, count: int, hidden: int | None = None) -> Tensors:
    """RoBERTa's head for whole texts."""
    hidden = hidden or inputs
    return (
        *linear(f"{name}.dense", inputs, hidden, bias=True),
        *linear(f"{name}.out_proj", hidden, count, bias=True, role="head"),
    )


def span_head(prefix: str, hidden: int) -> Tensors:
    """XLNet's head for answers: their start, their end given the start, and whether there is one."""
    return (
        *linear(f"{prefix}start_logits.dense", hidden, 1, bias=True, role="head"),
        *linear(f"{prefix}end_logits.dense_0", 2 * hidden, hidden, bias=True),
        *norm(f"{prefix}end_logits.LayerNorm", hidden, bias=True),
        *linear(f"{prefix}end_logits.dense_1", hidden, 1, bias=True, role="head"),
        *linear(f"{prefix}answer_class.dense_0", 2 * hidden, hidden, bias=True),
        *linear(f"{prefix}answer_class.dense_1", hidden, 1, role="head"),
    )


def summary(c: Config, hidden: int, *, projected: bool = False, to_labels: bool = False) -> tuple[Tensors, int]:
    """What a whole text is summed up in, projected if the config wants it, and its width.

    Args:
        projected, to_labels: the class defaults of summary_use_proj and summary_proj_to_labels.
    """
    if not c.bool("summary_use_proj", default=projected):
        return (), hidden
    width = (labels(c) or hidden) if c.bool("summary_proj_to_labels", default=to_labels) else hidden
    return linear("sequence_summary.summary", hidden, width, bias=True), width
