"""Pop2Piano: a T5 that hears a song and writes a piano piece."""

from __future__ import annotations

from llmmem.architectures.base import refuse_head
from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.text.bart import shared_tables
from llmmem.architectures.text.t5_stack import dense, t5_depths, t5_stack
from llmmem.config import Config
from llmmem.parts.basic import COLUMN, linear, positions
from llmmem.tensors import Block, ModelSpec


def pop2piano(c: Config, head: str | None = None) -> ModelSpec:
    """Pop2PianoForConditionalGeneration (arXiv:2211.00895; transformers 5.23, models/pop2piano)."""
    kind = kind_of(c, head)
    if kind != "lm":
        raise refuse_head(c, kind)
    hidden, vocab = c.int("hidden_size", "d_model", default=512), c.int("vocab_size", default=2400)
    feed = dense(c, hidden, 2048, "gated-gelu")
    encoder, decoder = (
        t5_stack(c, side, hidden, 8, feed, [False] * n)
        for side, n in zip(("encoder", "decoder"), t5_depths(c, 6), strict=True)
    )
    spec = encoder_decoder(c, "base", encoder, decoder, shared_tables(vocab), hidden=hidden, vocab=vocab)
    # The head is a matrix of its own, whatever the config says of tying.
    more = (
        Block("encoder", "mel_conditioner.", positions("embedding", c.int("composer_vocab_size", default=21), hidden)),
        Block("decoder", "", linear("lm_head", hidden, vocab, cut=COLUMN, role="head")),
    )
    return spec._replace(blocks=(*spec.blocks, *more))
