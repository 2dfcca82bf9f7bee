"""What encoders share: what their configs state, and BERT's frame."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from llmmem.architectures.base import head_of, model_spec, refuse_head, uniform
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.basic import Tensors, embedding, linear, norm, positions
from llmmem.parts.encoder import bert_layer
from llmmem.tensors import Block, ModelSpec, Part

#: classes that keep keys and values when is_decoder is set; the others write nothing
WRITERS = frozenset({"base", "lm"})

#: classes with a head over the vocabulary, which may share its matrix with the embeddings
MASKED = frozenset({"mlm", "lm", "pretraining"})

#: classes that read the first token through the pooler: BERT's, and where the classifier has a layer of its own
POOLED = frozenset({"base", "pretraining", "nsp", "sequence", "choice"})
POOLED_ROBERTA = frozenset({"base", "choice"})

#: a second name and the tensor it shares storage with
Tied = tuple[tuple[str, str], ...]


class Encoder(NamedTuple):
    """What the config of an encoder says."""

    #: what stands on it
    kind: str
    hidden: int
    heads: int
    head_dim: int
    layers: int
    intermediate: int
    vocab: int
    #: positions it has; 0 where there is no limit
    length: int
    types: int
    tied: bool
    #: "full" where it writes text
    cache: str | None = None
    #: its layers read another encoder
    cross: bool = False
    component: str = "encoder"
    #: there is another encoder to read
    reads: bool = False

    def layer(
        self,
        *,
        norms: tuple[str, str] = ("output.LayerNorm", "output.LayerNorm"),
        bias: bool = True,
        extra: Tensors = (),
    ) -> Part:
        """A layer of BERT, or one that differs by what is given."""
        part = bert_layer(
            self.hidden,
            self.heads,
            self.head_dim,
            self.intermediate,
            cache=self.cache,
            cross=self.cross,
            norms=norms,
            bias=bias,
            extra=extra,
        )
        # By itself it skips the attention to an encoder, so that nothing is kept for it.
        return part if self.reads else part._replace(caches=tuple(x for x in part.caches if x.kind != "cross"))


def encoder(
    c: Config,
    head: str | None,
    *,
    decoder: bool = False,
    vocab: int = 30522,
    hidden: int = 768,
    layers: int = 12,
    heads: int = 12,
    intermediate: int = 3072,
    length: int = 512,
    types: int | None = 2,
    tied: bool = True,
    default_head: str = "mlm",
    even: bool = True,
) -> Encoder:
    """Read a config under BERT's names; the numbers are the defaults of its class.

    Args:
        decoder: the class heeds is_decoder and add_cross_attention.
        types: None: the class tells no segments apart, or by another key.
        even: the heads share hidden_size.

    Raises:
        ConfigError: cross attention in an encoder, or heads that do not divide hidden_size.
    """
    kind = head_of(c, head, default_head)
    hidden = c.int("hidden_size", default=hidden, least=1)
    heads = c.int("num_attention_heads", default=heads, least=1)
    writes, cross = decoder and c.bool("is_decoder"), decoder and c.bool("add_cross_attention")
    if cross and not writes:
        raise ConfigError("add_cross_attention needs is_decoder.", "Check the config.json.")
    return Encoder(
        kind,
        hidden,
        heads,
        divide(c, "hidden_size over num_attention_heads", hidden, heads) if even else hidden // heads,
        c.count("num_hidden_layers", default=layers),
        c.int("intermediate_size", default=intermediate),
        c.int("vocab_size", default=vocab),
        c.int("max_position_embeddings", default=length),
        0 if types is None else c.int("type_vocab_size", default=types),
        c.bool("tie_word_embeddings", default=tied),
        "full" if writes and kind in WRITERS else None,
        cross,
        "decoder" if writes else "encoder",
        head == "decoder",
    )


def stem(
    e: Encoder,
    *extra: Tensors,
    width: int | None = None,
    placed: bool = True,
    segments: bool = True,
    normed: bool = True,
) -> Tensors:
    """Tables of words, positions and segments, and the norm over their sum.

    Args:
        extra: further tables.
        width: of the embeddings (default: hidden).
        placed: it has learned positions.
        segments: it tells sentences apart.
        normed: it has the norm.
    """
    width = width or e.hidden
    return (
        *embedding("word_embeddings", e.vocab, width),
        *(positions("position_embeddings", e.length, width) if placed else ()),
        *(positions("token_type_embeddings", e.types, width) if segments else ()),
        *(t for tensors in extra for t in tensors),
        *(norm("LayerNorm", width, bias=True) if normed else ()),
    )


def pooler(e: Encoder, pooled: Collection[str] = POOLED, name: str = "pooler.dense") -> Tensors:
    """What the first token's output passes through, in the classes that want it."""
    return linear(name, e.hidden, e.hidden, bias=True) if e.kind in pooled else ()


def frame(
    e: Encoder, embeddings: Tensors, layer: Part, *, before: Tensors = (), after: Tensors = ()
) -> tuple[Block, ...]:
    """BERT's order and names: embeddings, layers, and what stands between and after them."""
    return (
        Block(e.component, "embeddings.", embeddings),
        Block(e.component, "", before),
        *uniform(e.component, "encoder.layer.{}.", e.layers, layer),
        Block(e.component, "", after),
    )


def encoder_model(
    c: Config, e: Encoder, base: str, blocks: Sequence[Block], tops: Mapping[str, Tensors], tied: Tied = ()
) -> ModelSpec:
    """Blocks of the base model, and the head its class has.

    Args:
        base: prefix of the base model inside a class with a head.
        tops: the classes the family has beside the base model.
        tied: the second names of a head over the vocabulary.
    """
    if e.kind != "base" and e.kind not in tops:
        raise refuse_head(c, e.kind)
    prefix = "" if e.kind == "base" else base
    return model_spec(
        c,
        [
            *(b._replace(prefix=prefix + b.prefix) for b in blocks),
            Block(e.component, "", () if e.kind == "base" else tops[e.kind]),
        ],
        hidden=e.hidden,
        vocab=e.vocab,
        max_context=e.length or None,
        tied=tied if e.tied and e.kind in MASKED else (),
    )
