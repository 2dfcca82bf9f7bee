"""LED: BART with Longformer's encoder, which attends to a window and from a few tokens to everything."""

from __future__ import annotations

from llmmem.architectures.encdec import encoder_decoder, kind_of
from llmmem.architectures.text.bart import fairseq_stack, judges, shared_tables
from llmmem.config import Config
from llmmem.parts.attention import attention, blockwise
from llmmem.parts.basic import COLUMN, Tensors, linear, norm, positions
from llmmem.tensors import ModelSpec, Part, join

QKVO = tuple(f"longformer_self_attn.{n}" for n in ("query", "key", "value"))


def led(c: Config, head: str | None = None) -> ModelSpec:
    """LEDForConditionalGeneration and its kin (arXiv:2004.05150; transformers 5.23, models/led)."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=50265)
    # One window for all layers, or one each; the widest decides the peak.
    each = isinstance(c.get("attention_window"), list)
    windows = c.ints("attention_window") if each else [c.int("attention_window", default=512)]
    window = max(windows or [0])

    def own(heads: int, head_dim: int) -> Part:
        q, k, v = QKVO
        plain = attention(
            "self_attn", hidden, heads, heads, head_dim, names=(q, k, v, "output"), bias=True, out_bias=True, cache=None
        )
        # Tokens that see everything do so through projections of their own.
        everything = (
            linear(f"self_attn.{n}_global", hidden, hidden, bias=True, cut=COLUMN, unit=head_dim) for n in QKVO
        )
        return join(plain._replace(work=blockwise(plain.work, window + 1)), *everything)

    def stem(length: int) -> Tensors:
        return (*positions("embed_positions", length, hidden), *norm("layernorm_embedding", hidden, bias=True))

    length = c.int("max_decoder_position_embeddings", default=1024)
    source = stem(c.int("max_encoder_position_embeddings", default=16384))
    return encoder_decoder(
        c,
        kind_of(c, head),
        fairseq_stack(c, "encoder", hidden, stem=source, own=own),
        fairseq_stack(c, "decoder", hidden, stem=stem(length), biased=True),
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        base="led.",
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=("base", "lm"),
        logits_bias=True,
        tops={"qa": judges(c, hidden)["qa"]},
        max_context=length,
    )
