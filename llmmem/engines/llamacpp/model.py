"""The whole graph of a model, for its largest batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from llmmem.engines.llamacpp.bricks import Batch, Cells, norm
from llmmem.engines.llamacpp.graph import Graph, Node
from llmmem.engines.llamacpp.layers import Inputs, Layer, feed, mixer


class Room(NamedTuple):
    """What a cache looks like to the graph."""

    cells: int
    keys_only: bool
    #: elements of a token's values, all heads of the widest layer
    value_row: int
    #: sides of the Hadamard matrices, 0 where nothing is turned
    rotate_k: int = 0
    rotate_v: int = 0
    #: types of keys and values
    types: tuple[str, str] = ("fp16", "fp16")


class Model(NamedTuple):
    """What the graph of a model is made of."""

    hidden: int
    vocab: int
    layers: Sequence[Layer]
    #: whether only the rows whose logits are asked for leave the last layer, or the last norm
    late: str = ""
    #: numbers that say where a token stands
    positions: int = 1


def inputs_of(g: Graph, b: Batch, room: Room | None) -> Cells | None:
    """The inputs of one cache."""
    if room is None:
        return None
    values = b.tokens * (1 if b.flash else room.value_row)
    return Cells(
        room.cells,
        g.given(b.tokens, item=8),
        None if room.keys_only else g.given(values, item=8),
        g.given(room.cells, b.tokens // b.streams, 1, b.streams, item=2 if b.flash else 4),
        g.given(room.rotate_k, room.rotate_k) if room.rotate_k else None,
        g.given(room.rotate_v, room.rotate_v) if room.rotate_v else None,
        room.types,
    )


def build(model: Model, b: Batch, full: Room | None, window: Room | None) -> Graph:
    """The graph."""
    g = Graph()
    if b.on_gpu:  # rows of the embedding are looked up in host memory
        x = g.given(model.hidden, b.tokens)
    else:
        x = g.run(g.make((model.hidden, b.tokens), g.given(b.tokens)))
        g.run(g.given(model.hidden, b.tokens))  # embeddings given instead of tokens: a place is kept for them
    inputs = Inputs(
        g.given(b.tokens * model.positions), inputs_of(g, b, full), inputs_of(g, b, window), g.given(b.sequences)
    )
    wanted = g.given(b.outputs)
    for place, layer in enumerate(model.layers, 1):
        x = _layer(g, b, x, layer, inputs, wanted if place == len(model.layers) and not model.late else None)
    if model.late == "before norm":
        x.output = True
        x = g.make((model.hidden, b.outputs), x, wanted)
    x = g.over(g.make(x.ne, x, reuse=True))
    x.output = True
    if model.late == "after norm":
        x = g.make((model.hidden, b.outputs), x, wanted)
        x.output = True
    logits = g.times(x, model.vocab)
    logits.output = True
    g.run(logits)
    return g


def _layer(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs, wanted: Node | None) -> Node:
    w = layer.weights
    sandwich = "post_attention_norm.weight" in w and "ffn_norm.weight" in w
    inner = norm(g, x, w, "attn_norm") if "attn_norm.weight" in w else x
    out = mixer(g, b, inner, layer, inputs)
    if wanted:
        out, x = g.make((out.ne[0], b.outputs), out, wanted), g.make((x.ne[0], b.outputs), x, wanted)
    if sandwich:
        out = norm(g, out, w, "post_attention_norm")
    out = g.make(x.ne, out, x, reuse=True)
    before = next((n for n in ("ffn_norm", "post_attention_norm") if f"{n}.weight" in w), None)
    if "ffn_down.weight" not in w and "ffn_down_exps.weight" not in w:
        return out
    more = feed(g, norm(g, out, w, before) if before else out, layer)
    if "post_ffw_norm.weight" in w:
        more = norm(g, more, w, "post_ffw_norm")
    return g.make(out.ne, more, out, reuse=True)
