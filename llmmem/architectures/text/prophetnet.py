"""ProphetNet, which learns to foresee several tokens at once."""

from __future__ import annotations

from llmmem.architectures.base import uniform
from llmmem.architectures.encdec import encoder_decoder, kind_of, stack
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, join

QKVO = ("query_proj", "key_proj", "value_proj", "out_proj")


def prophetnet_stack(c: Config, side: str, hidden: int, length: int) -> list[Block]:
    """The "encoder", or the "decoder" with its streams of future tokens and relative positions of its own."""
    decoder = side == "decoder"
    general = () if decoder else ("num_attention_heads",)
    heads = c.int(*general, f"num_{side}_attention_heads", default=16, least=1)
    head_dim = divide(c, f"hidden_size over num_{side}_attention_heads", hidden, heads)
    buckets = c.int("num_buckets", default=32)

    def attend(name: str, cache: str | None) -> Part:
        return join(
            attention(
                name,
                hidden,
                heads,
                heads,
                head_dim,
                names=QKVO,
                bias=True,
                out_bias=True,
                cache=cache,
                biased=True,
            ),
            linear(f"{name}.relative_pos_embeddings", hidden, buckets * heads, bias=True, cut=COLUMN)
            if cache == "full"
            else (),
            norm(f"{name}_layer_norm", hidden, bias=True),
        )

    layer = join(
        attend("self_attn", "full" if decoder else None),
        attend("cross_attn", "cross") if decoder and c.bool("add_cross_attention", default=True) else (),
        mlp(("feed_forward.intermediate", "feed_forward.output"), hidden, c.int(f"{side}_ffn_dim", default=4096)),
        norm("feed_forward_layer_norm", hidden, bias=True),
    )
    stem = (
        *positions("position_embeddings", length, hidden),
        *(positions("ngram_embeddings", c.int("ngram", default=2), hidden) if decoder else ()),
        *norm("embeddings_layer_norm", hidden, bias=True),
    )
    n = c.count(f"num_{side}_layers", default=12)
    return stack(side, f"{side}.", stem, uniform(side, "layers.{}.", n, layer))


def prophetnet(c: Config, head: str | None = None) -> ModelSpec:
    """ProphetNetForConditionalGeneration (arXiv:2001.04063; transformers 5.23, models/prophetnet)."""
    hidden = c.int("hidden_size", default=1024)
    vocab = c.int("vocab_size", default=30522)
    length = c.int("max_position_embeddings", default=512)
    return encoder_decoder(
        c,
        kind_of(c, head),
        prophetnet_stack(c, "encoder", hidden, length),
        prophetnet_stack(c, "decoder", hidden, length),
        {"word_embeddings": vocab, "encoder.word_embeddings": vocab, "decoder.word_embeddings": vocab},
        hidden=hidden,
        vocab=vocab,
        base="prophetnet.",
        alone={"word_embeddings": vocab, "decoder.word_embeddings": vocab},
        tied=c.bool("tie_word_embeddings", default=True),
        max_context=length,
    )
