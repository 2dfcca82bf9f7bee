"""T5 and T5 1.1, and with them mT5 and UMT5 for many languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmmem.architectures.base import labels
from llmmem.architectures.encdec import classification_head, encoder_decoder, kind_of
from llmmem.architectures.text.bart import shared_tables
from llmmem.architectures.text.t5_stack import dense, t5_depths, t5_stack
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear
from llmmem.tensors import UNTIED, Block, ModelSpec


def t5_frame(
    c: Config,
    kind: str,
    encoder: Sequence[Block],
    decoder: Sequence[Block],
    hidden: int,
    vocab: int,
    tops: Mapping[str, Tensors] | None = None,
) -> ModelSpec:
    """Tables and heads; whatever the config says, transformers ties them."""
    notes: tuple[str, ...] = ()
    if kind == "lm" and not c.bool("tie_word_embeddings", default=True):
        notes = (
            f"tie_word_embeddings is false, but transformers 5.23 ties the head of {c.str('model_type')} to its"
            f" embeddings. Checkpoints of T5 1.1 and its kin hold a head of their own ({vocab * hidden:,} parameters),"
            " which stays apart when it is loaded.",
        )
    base = "transformer." if kind in ("sequence", "token") else ""
    kinds = ("base", "lm", "encoder")
    spec = encoder_decoder(
        c,
        kind,
        encoder,
        decoder,
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        base=base,
        kinds=kinds,
        tops=tops,
        notes=notes,
    )
    if not notes:
        return spec
    apart = Block(UNTIED, "", linear("lm_head", hidden, vocab, cut="column", role="head"), loaded=False)
    return spec._replace(blocks=(*spec.blocks, apart))


def t5_family(
    c: Config,
    head: str | None,
    *,
    heads: int = 6,
    intermediate: int = 1024,
    layers: int = 8,
    vocab: int = 250112,
    act: str = "gated-gelu",
    every: bool = False,
) -> ModelSpec:
    """T5's frame around stacks of plain layers, from the class defaults (those of mT5 where nothing is said)."""
    hidden = c.int("hidden_size", "d_model", default=512)
    feed = dense(c, hidden, intermediate, act)
    encoder, decoder = (
        t5_stack(c, side, hidden, heads, feed, [False] * n, every=every)
        for side, n in zip(("encoder", "decoder"), t5_depths(c, layers), strict=True)
    )
    tops = {
        "sequence": classification_head(hidden, labels(c)),
        "token": linear("classifier", hidden, labels(c), bias=True, role="head"),
        "qa": linear("qa_outputs", hidden, labels(c), bias=True, role="head"),
    }
    return t5_frame(c, kind_of(c, head), encoder, decoder, hidden, c.int("vocab_size", default=vocab), tops)


def t5(c: Config, head: str | None = None) -> ModelSpec:
    """T5ForConditionalGeneration and its kin (arXiv:1910.10683; transformers 5.23, models/t5)."""
    return t5_family(c, head, heads=8, intermediate=2048, layers=6, vocab=32128, act="relu")


def mt5(c: Config, head: str | None = None) -> ModelSpec:
    """MT5ForConditionalGeneration and its kin (arXiv:2010.11934; transformers 5.23, models/mt5)."""
    return t5_family(c, head)


def umt5(c: Config, head: str | None = None) -> ModelSpec:
    """UMT5ForConditionalGeneration: a table of positions in every layer (arXiv:2304.09151; transformers 5.23)."""
    return t5_family(c, head, every=True)
