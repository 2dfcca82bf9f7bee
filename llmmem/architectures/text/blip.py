"""BLIP's text model: BERT without segments, whose layers read a picture where it writes."""

from __future__ import annotations

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.parts.attention import attention
from llmmem.parts.basic import COLUMN, Tensors, embedding, linear, norm, positions
from llmmem.parts.encoder import BERT_QKVO, bert_layer
from llmmem.tensors import Block, ModelSpec, Tensor, join

WORDS = "bert.embeddings.word_embeddings.weight"


def blip_text_model(
    c: Config, head: str | None = None, *, pooled: bool = True, tied: bool = False, source: int | None = None
) -> ModelSpec:
    """BlipTextModel and BlipTextLMHeadModel (arXiv:2201.12086; transformers 5.23, models/blip).

    Args:
        pooled: the base model has its pooler.
        tied: the wrapper shares the head's matrix with the embeddings whatever this config says.
        source: width of the picture's vectors, where a wrapper knows it.
    """
    kind = head_of(c, head, "base")
    if kind not in ("lm", "base"):
        raise refuse_head(c, kind)
    hidden = c.int("hidden_size", default=768, least=1)
    heads = c.int("num_attention_heads", default=8, least=1)
    head_dim = divide(c, "hidden_size over num_attention_heads", hidden, heads)
    vocab = c.int("vocab_size", default=30524, least=1)
    length = c.int("max_position_embeddings", default=512)
    width = c.int("encoder_hidden_size", default=768)
    writes = c.bool("is_decoder", default=True)
    layer = bert_layer(
        hidden, heads, head_dim, c.int("intermediate_size", default=3072), cache="full" if kind == "lm" else None
    )
    if writes:
        reads = attention(
            "crossattention",
            hidden,
            heads,
            heads,
            head_dim,
            names=BERT_QKVO,
            bias=True,
            out_bias=True,
            cache="image" if kind == "lm" else None,
            source=width if source is None else source,
        )
        layer = join(layer, reads, norm("crossattention.output.LayerNorm", hidden, bias=True))
    prefix = "bert." if kind == "lm" else ""
    tied = kind == "lm" and (c.bool("tie_word_embeddings", default=True) or tied)
    top: Tensors = ()
    if kind == "lm":
        top = (
            Tensor("cls.predictions.bias", (vocab,), "head", 0),
            *linear("cls.predictions.transform.dense", hidden, hidden, bias=True),
            *norm("cls.predictions.transform.LayerNorm", hidden, bias=True),
        )
        if not tied:
            top += linear("cls.predictions.decoder", hidden, vocab, bias=True, cut=COLUMN, role="head")
    elif pooled:
        top = linear("pooler.dense", hidden, hidden, bias=True)
    stem = (
        *embedding("word_embeddings", vocab, hidden),
        *positions("position_embeddings", length, hidden),
        *norm("LayerNorm", hidden, bias=True),
    )
    side = "decoder" if kind == "lm" else "encoder"
    blocks = [
        Block(side, f"{prefix}embeddings.", stem),
        *uniform(side, f"{prefix}encoder.layer.{{}}.", c.count("num_hidden_layers", default=12), layer),
        Block(side, "", top),
    ]
    ties = (("cls.predictions.decoder.weight", WORDS), ("cls.predictions.decoder.bias", "cls.predictions.bias"))
    return model_spec(c, blocks, hidden=hidden, vocab=vocab, max_context=length, tied=ties if tied else ())
