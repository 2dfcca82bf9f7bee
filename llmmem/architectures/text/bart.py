"""BART, and the stacks of its kin (Marian, Whisper)."""

from __future__ import annotations

from llmmem.architectures.base import labels, uniform
from llmmem.architectures.encdec import classification_head, encoder_decoder, kind_of, stack
from llmmem.config import Config, divide
from llmmem.parts.basic import Tensors, linear, norm, positions
from llmmem.parts.encoder import fairseq_layer
from llmmem.tensors import Block, ModelSpec


def fairseq_stack(
    c: Config,
    side: str,
    hidden: int,
    *,
    layers: int,
    heads: int,
    intermediate: int,
    stem: Tensors,
    final: Tensors = (),
    bias: bool | tuple[bool, bool, bool] = True,
) -> list[Block]:
    """The "encoder" or the "decoder" of BART and its kin, from the keys named after it.

    Args:
        layers, heads, intermediate: the class defaults.
        stem: learned positions and the norm of the embeddings, not the table.
    """
    # The general names stand for the encoder's, and win over them (attribute_map).
    general = ("num_hidden_layers", "num_attention_heads") if side == "encoder" else ()
    n = c.count(*general[:1], f"{side}_layers", default=layers)
    heads = c.int(*general[1:], f"{side}_attention_heads", default=heads, least=1)
    layer = fairseq_layer(
        hidden,
        heads,
        divide(c, f"width over {side}_attention_heads", hidden, heads),
        c.int(f"{side}_ffn_dim", default=intermediate),
        decoder=side == "decoder",
        bias=bias,
    )
    return stack(side, f"{side}.", stem, uniform(side, "layers.{}.", n, layer), final)


def bart(c: Config, head: str | None = None) -> ModelSpec:
    """BartForConditionalGeneration and its kin (arXiv:1910.13461; transformers 5.23, models/bart)."""
    hidden = c.int("hidden_size", "d_model", default=1024)
    vocab = c.int("vocab_size", default=50265)
    length = c.int("max_position_embeddings", default=1024)
    # fairseq kept two rows of the positions for padding
    stem = (*positions("embed_positions", length + 2, hidden), *norm("layernorm_embedding", hidden, bias=True))
    return encoder_decoder(
        c,
        kind_of(c, head),
        fairseq_stack(c, "encoder", hidden, layers=12, heads=16, intermediate=4096, stem=stem),
        fairseq_stack(c, "decoder", hidden, layers=12, heads=16, intermediate=4096, stem=stem),
        {"shared": vocab, "encoder.embed_tokens": vocab, "decoder.embed_tokens": vocab},
        hidden=hidden,
        vocab=vocab,
        tied=c.bool("tie_word_embeddings", default=True),
        logits_bias=True,
        tops={
            "sequence": classification_head(hidden, labels(c, 3)),
            "qa": linear("qa_outputs", hidden, 2, bias=True, role="head"),
        },
        max_context=length,
    )
