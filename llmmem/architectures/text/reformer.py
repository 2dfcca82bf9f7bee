"""Reformer: attention by hashing or within chunks, and layers that can be run backwards."""

from __future__ import annotations

from llmmem.architectures.base import blocks_by_kind, head_of, labels
from llmmem.architectures.encoder import WRITERS, Encoder, encoder_model
from llmmem.architectures.heads import dense_classifier
from llmmem.config import Config
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, Cache, ModelSpec, Part, Tensor, join

PATTERN = ["local", "lsh", "local", "lsh", "local", "lsh"]


def _positions(c: Config, e: Encoder, axial: bool) -> Tensors:
    """A table, or a small one for each axis of a grid, whose rows are put side by side: always fp32 in the class."""
    if not axial:
        return positions("position_embeddings.embedding", e.length, e.hidden)
    shape, widths = c.ints("axial_pos_shape") or [64, 64], c.ints("axial_pos_embds_dim") or [64, 192]
    if sum(widths) != e.hidden or len(widths) > len(shape):
        raise ConfigError("axial_pos_embds_dim has to add up to hidden_size.", "Check the config.json.")
    sides = [[n if i == axis else 1 for i, n in enumerate(shape)] for axis in range(len(widths))]
    return tuple(
        Tensor(f"position_embeddings.weights.{axis}", (*sides[axis], width), "position", dtype="fp32")
        for axis, width in enumerate(widths)
    )


def reformer(c: Config, head: str | None = None) -> ModelSpec:
    """ReformerModelWithLMHead, ReformerForMaskedLM and their kin.

    arXiv:2001.04451; transformers 5.23, models/reformer.

    Raises:
        ConfigError: layers of another kind, or axes that do not add up to hidden_size.
    """
    pattern = c.list("attn_layers")
    pattern = PATTERN if pattern is None else pattern
    e = Encoder(
        kind=head_of(c, head, "mlm"),
        hidden=c.int("hidden_size", default=256, least=1),
        heads=c.int("num_attention_heads", default=12, least=1),
        head_dim=c.int("attention_head_size", default=64),
        layers=c.count("num_hidden_layers", default=len(pattern)),
        intermediate=c.int("feed_forward_size", default=512),
        vocab=c.int("vocab_size", default=320),
        length=c.int("max_position_embeddings", default=4096),
        types=0,
        tied=False,
        component="decoder" if c.bool("is_decoder") else "encoder",
    )
    kinds = set(map(str, pattern))
    if not kinds or kinds - {"local", "lsh"} or (e.layers > len(pattern) and len(kinds) > 1):
        raise ConfigError('attn_layers has to name "local" or "lsh" for every layer.', "Check the config.json.")
    if e.kind in ("lm", "mlm") and (e.kind == "lm") != (e.component == "decoder"):
        raise ConfigError(
            "ReformerModelWithLMHead needs is_decoder, and ReformerForMaskedLM must not have it.",
            "Check the config.json.",
        )
    wide, hashes = e.heads * e.head_dim, c.int("num_hashes", default=1)
    axial = c.bool("axial_pos_embds", default=True)
    writes = e.kind in WRITERS  # the base model keeps its inputs as an encoder too

    def layer(kind: str) -> Part:
        names = ("query_key", "value") if kind == "lsh" else ("query", "key", "value")
        own = "attention.self_attention"
        # The layer's input, which fp32 positions turn into fp32, and the buckets its tokens fell into.
        caches: tuple[Cache, ...] = (Cache("full", key=e.hidden, dtype="fp32" if axial else None),)
        if kind == "lsh":
            caches += (Cache("full", e.heads, key=hashes, dtype="int64"),)
        projections = tuple(t for n in names for t in linear(f"{own}.{n}", e.hidden, wide, cut=COLUMN, unit=e.head_dim))
        return join(
            norm("attention.layer_norm", e.hidden, bias=True),
            Part(projections, caches if writes else (), (attention_work(e.heads, e.heads, e.head_dim),)),
            linear("attention.output.dense", wide, e.hidden, cut=ROW, unit=e.head_dim),
            norm("feed_forward.layer_norm", e.hidden, bias=True),
            mlp(("feed_forward.dense.dense", "feed_forward.output.dense"), e.hidden, e.intermediate),
        )

    each = [str(pattern[i % len(pattern)]) for i in range(e.layers)]
    both = 2 * e.hidden  # the two streams of a reversible network
    words = (
        Tensor("lm_head.bias", (e.vocab,), "head", 0),
        *linear("lm_head.decoder", both, e.vocab, cut=COLUMN, role="head"),
    )
    tops = {
        **dict.fromkeys(("lm", "mlm"), words),
        "sequence": dense_classifier("classifier", both, labels(c), e.hidden),
        "qa": linear("qa_outputs", both, labels(c), bias=True, role="head"),
    }
    blocks = [
        Block(e.component, "embeddings.", (*embedding("word_embeddings", e.vocab, e.hidden), *_positions(c, e, axial))),
        *blocks_by_kind(e.component, "encoder.layers.{}.", each, layer),
        Block(e.component, "encoder.", norm("layer_norm", both, bias=True)),
    ]
    return encoder_model(c, e, "reformer.", blocks, tops)
