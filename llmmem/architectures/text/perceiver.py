"""Perceiver: a fixed number of latents read the text, however long, and are read out again."""

from __future__ import annotations

from llmmem.architectures.base import head_of, labels, uniform
from llmmem.architectures.encoder import Encoder, encoder_model
from llmmem.config import Config, divide
from llmmem.errors import ConfigError
from llmmem.parts.attention import attention_work
from llmmem.parts.basic import COLUMN, ROW, Tensors, embedding, linear, norm, positions
from llmmem.parts.mlp import mlp
from llmmem.tensors import Block, ModelSpec, Part, Tensor, join

#: heads and width of the queries that read the words out, fixed in the class
READ_HEADS, READ_WIDTH = 8, 256


def _layer(c: Config, width: int, heads: int, keys: int, values: int, widen: int, source: int | None = None) -> Part:
    """Attention and an MLP; with ``source``, to something of another width."""
    head_dim = divide(c, "qk_channels over heads", keys, heads)
    value_dim = divide(c, "v_channels over heads", values, heads)
    own = "attention.self"
    read = width if source is None else source
    return join(
        norm(f"{own}.layernorm1", width, bias=True),
        norm(f"{own}.layernorm2", read, bias=True) if source is not None else (),
        Part(
            (
                *linear(f"{own}.query", width, keys, bias=True, cut=COLUMN, unit=head_dim),
                *linear(f"{own}.key", read, keys, bias=True, cut=COLUMN, unit=head_dim),
                *linear(f"{own}.value", read, values, bias=True, cut=COLUMN, unit=value_dim),
                # A layer that reads itself puts out as much as its values are wide.
                *linear(
                    "attention.output.dense",
                    values,
                    values if source is None else width,
                    bias=True,
                    cut=ROW,
                    unit=value_dim,
                ),
            ),
            (),
            (attention_work(heads, heads, head_dim, value_dim),),
        ),
        norm("layernorm", width, bias=True),
        mlp(("mlp.dense1", "mlp.dense2"), width, widen * width),
    )


def perceiver(c: Config, head: str | None = None) -> ModelSpec:
    """PerceiverForMaskedLM, PerceiverForSequenceClassification, and the model without what reads its inputs.

    arXiv:2107.14795; transformers 5.23, models/perceiver.
    """
    kind = head_of(c, head, "mlm")
    latents = c.int("d_latents", default=1280, least=1)
    width = c.int("d_model", default=768, least=1)
    vocab = c.int("vocab_size", default=262)
    length = c.int("max_position_embeddings", default=2048)
    keys, values = c.optional("qk_channels"), c.optional("v_channels")
    shape = c.str("cross_attention_shape_for_attention", default="kv")
    if shape not in ("q", "kv"):
        raise ConfigError('cross_attention_shape_for_attention has to be "q" or "kv".', "Check the config.json.")
    self_heads = c.int("num_self_attention_heads", default=8, least=1)
    cross_heads = c.int("num_cross_attention_heads", default=8, least=1)
    divide(c, "d_latents over num_self_attention_heads", latents, self_heads)
    divide(c, "d_latents over num_cross_attention_heads", latents, cross_heads)

    def channels(default: int) -> tuple[int, int]:
        k = default if keys is None else keys
        return k, k if values is None else values

    reads = _layer(
        c,
        latents,
        cross_heads,
        *channels(latents if shape == "q" else width),
        c.int("cross_attention_widening_factor", default=1),
        width,
    )
    thinks = _layer(c, latents, self_heads, *channels(latents), c.int("self_attention_widening_factor", default=1))
    layers = c.count("num_self_attends_per_block", default=26)
    e = Encoder(kind, latents, self_heads, latents // self_heads, layers, 0, vocab, length, 0, False)
    text = (*embedding("embeddings", vocab, width), *positions("position_embeddings", length, width))
    place = "output_position_encodings.position_embeddings"
    writes: Tensors = ()
    if kind == "mlm":
        answer = _layer(c, width, READ_HEADS, READ_WIDTH, width, 1, latents)
        writes = (Tensor(f"decoder.{place}", (length, width), "position"), *_under("decoder.", answer))
    elif kind == "sequence":
        answer = _layer(c, latents, 1, latents, latents, 1, latents)
        final = linear("decoder.decoder.final_layer", latents, labels(c), bias=True, role="head")
        writes = (
            Tensor(f"decoder.decoder.{place}", (1, latents), "position"),
            *_under("decoder.decoder.", answer),
            *final,
        )
    blocks = [
        Block(e.component, "input_preprocessor.", () if kind == "base" else text),
        Block(
            e.component,
            "embeddings.",
            (Tensor("latents", (c.int("num_latents", default=256), latents), "position"),),
        ),
        Block(e.component, "encoder.cross_attention.", reads.tensors, work=reads.work),
        *uniform(e.component, "encoder.self_attends.{}.", layers, thinks),
        Block(e.component, "", writes),
    ]
    # The matrix over the vocabulary is that of the embeddings.
    tops: dict[str, Tensors] = {"mlm": (Tensor("embedding_decoder.bias", (vocab,), "head", 0),), "sequence": ()}
    return encoder_model(c, e, "perceiver.", blocks, tops)


def _under(prefix: str, part: Part) -> Tensors:
    return tuple(t._replace(name=f"{prefix}decoding_cross_attention.{t.name}") for t in part.tensors)
