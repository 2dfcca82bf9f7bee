"""MVP: BART with prompts that may be put before the decoder's keys and values."""

from __future__ import annotations

from llmmem.architectures.encdec import DECODERS, encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_stack, judges, shared_tables
from llmmem.config import Config
from llmmem.parts.basic import Tensors, linear, norm, positions
from llmmem.tensors import ModelSpec


def mvp(c: Config, head: str | None = None) -> ModelSpec:
    """MvpForConditionalGeneration and its kin (arXiv:2206.12131; transformers 5.23, models/mvp)."""
    kind = kind_of(c, head)
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=50267)
    length = c.int("max_position_embeddings", default=1024)
    tokens, middle = c.int("prompt_length", default=100), c.int("prompt_mid_dim", default=800)
    # The class of the decoder alone takes no prompts, nor does the encoder: its class never gets to see the flag.
    prompted = c.bool("use_prompt") and kind not in DECODERS

    def prompt(name: str, layers: int) -> Tensors:
        if not prompted:
            return ()
        return (
            *positions(f"{name}.prompt_embedding", tokens, hidden),
            *linear(f"{name}.prompt_trans.0", hidden, middle, bias=True),
            *linear(f"{name}.prompt_trans.2", middle, 2 * layers * hidden, bias=True),
        )

    stem = (*positions("embed_positions", length + 2, hidden), *norm("layernorm_embedding", hidden, bias=True))
    n = c.count("decoder_layers", default=12)
    prompts = (*prompt("self_attn_prompt", n), *prompt("cross_attn_prompt", n))
    return encoder_decoder(
        c,
        kind,
        fairseq_stack(c, "encoder", hidden, stem=stem, biased=True),
        fairseq_stack(c, "decoder", hidden, stem=stem, final=prompts, biased=True),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        logits_bias=True,
        tops=judges(c, hidden),
        max_context=length,
    )
