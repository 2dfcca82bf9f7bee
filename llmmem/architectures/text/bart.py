"""BART, and the frame of its kin: two stacks of fairseq layers over one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmmem.architectures.base import labels, uniform
from llmmem.architectures.encdec import WRITERS, classification_head, encoder_decoder, kind_of, stack
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, linear, norm, positions
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec, Part


def fairseq_stack(
    c: Config,
    side: str,
    hidden: int,
    *,
    stem: Tensors,
    final: Tensors = (),
    layers: int = 12,
    heads: int = 16,
    intermediate: int = 4096,
    bias: bool | tuple[bool, bool, bool] = True,
    out_bias: bool = True,
    biased: bool = False,
    own: Callable[[int, int], Part] | None = None,
) -> list[Block]:
    """The "encoder" or the "decoder" of BART and its kin, from the keys named after it.

    Args:
        stem: learned positions and the norm of the embeddings, not the table.
        layers, heads, intermediate: the class defaults.
        biased: attention writes its scores out whole (no fused kernel).
        own: makes the self attention where it is not a plain one, of heads and head_dim.
    """
    # The general names stand for the encoder's, and win over them (attribute_map).
    general = ("num_hidden_layers", "num_attention_heads") if side == "encoder" else ()
    n = c.count(*general[:1], f"{side}_layers", default=layers)
    heads = c.int(*general[1:], f"{side}_attention_heads", default=heads, least=1)
    head_dim = divide(c, f"width over {side}_attention_heads", hidden, heads)
    layer = fairseq_layer(
        hidden,
        heads,
        head_dim,
        c.int(f"{side}_ffn_dim", default=intermediate),
        decoder=side == "decoder",
        bias=bias,
        out_bias=out_bias,
        biased=biased,
        own=own and own(heads, head_dim),
    )
    return stack(side, f"{side}.", stem, uniform(side, "layers.{}.", n, layer), final)


def shared_tables(vocab: int) -> dict[str, int]:
    """One table for both stacks, under three names."""
    return {"shared": vocab, "encoder.embed_tokens": vocab, "decoder.embed_tokens": vocab}


def fairseq_model(
    c: Config,
    head: str | None,
    *,
    hidden: int,
    vocab: int,
    length: int,
    stem: Tensors,
    final: Tensors = (),
    layers: tuple[int, int] = (12, 12),
    heads: int = 16,
    intermediate: int = 4096,
    kinds: Sequence[str] = WRITERS,
    logits_bias: bool = True,
    tops: Mapping[str, Tensors] | None = None,
) -> ModelSpec:
    """An encoder and a decoder of plain layers, alike but for their numbers.

    Args:
        length: positions of the class, for ``max_context``.
        layers, heads, intermediate: the class defaults.
        kinds, logits_bias, tops: as for ``encoder_decoder``.
    """
    encoder, decoder = (
        fairseq_stack(c, side, hidden, layers=n, heads=heads, intermediate=intermediate, stem=stem, final=final)
        for side, n in zip(("encoder", "decoder"), layers, strict=True)
    )
    return encoder_decoder(
        c,
        kind_of(c, head),
        encoder,
        decoder,
        shared_tables(vocab),
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        kinds=kinds,
        logits_bias=logits_bias,
        tops=tops,
        max_context=length,
    )


def judges(c: Config, hidden: int, default: int = 2) -> dict[str, Tensors]:
    """What classes that judge a text put on the last token, or on every token to find an answer."""
    return {
        "sequence": classification_head(hidden, labels(c, default)),
        "qa": linear("qa_outputs", hidden, 2, bias=True, role="head"),
    }


def bart(c: Config, head: str | None = None) -> ModelSpec:
    """BartForConditionalGeneration and its kin (arXiv:1910.13461; transformers 5.23, models/bart)."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=50265)
    length = c.int("max_position_embeddings", default=1024)
    # fairseq kept two rows of the positions for padding
    stem = (*positions("embed_positions", length + 2, hidden), *norm("layernorm_embedding", hidden, bias=True))
    return fairseq_model(c, head, hidden=hidden, vocab=vocab, length=length, stem=stem, tops=judges(c, hidden, 3))
