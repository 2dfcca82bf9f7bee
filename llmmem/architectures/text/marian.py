"""Marian, the translation models of OPUS-MT."""

from __future__ import annotations

from llmmem.architectures.encdec import DECODERS, encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_stack
from llmmem.config import Config
from llmmem.parts.basic import embedding, positions
from llmmem.tensors import ModelSpec


def marian(c: Config, head: str | None = None) -> ModelSpec:
    """MarianMTModel (transformers 5.23, models/marian): sinusoidal positions, though stored; one table or two."""
    kind = kind_of(c, head)
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=58101)
    target = c.int("decoder_vocab_size", default=vocab) or vocab
    length = c.int("max_position_embeddings", default=1024)
    stem = positions("embed_positions", length, hidden)
    shares = c.bool("share_encoder_decoder_embeddings", default=True)
    if shares:
        source = stem
        tables = {"shared": vocab, "encoder.embed_tokens": vocab, "decoder.embed_tokens": target}
    else:
        source = (*embedding("embed_tokens", vocab, hidden), *stem)
        tables = {"decoder.embed_tokens": target}
    return encoder_decoder(
        c,
        kind,
        fairseq_stack(c, "encoder", hidden, stem=source),
        fairseq_stack(c, "decoder", hidden, stem=stem),
        tables,
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        # The decoder alone has vocab_size outputs whatever its table (MarianForCausalLM).
        outputs=vocab if shares or kind in DECODERS else target,
        logits_bias=True,
        max_context=length,
    )
