"""The parts of llama.cpp's graphs: norms, attention, feed-forward, experts. Each function adds its operations in the
order llama.cpp states them.

Sources: src/llama-graph.cpp (build_norm, build_qkv, build_ffn, build_moe_ffn, build_attn, build_attn_mha),
src/llama-kv-cache.cpp (cpy_k, cpy_v, the rotation of quantised keys and values).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Mapping
from typing import NamedTuple

from llmmem.engines.llamacpp.graph import Graph, Node
from llmmem.tensors import Tensor


class Batch(NamedTuple):
    """The largest batch a graph is built for."""

    tokens: int
    #: sequences the tokens belong to
    sequences: int
    #: tokens whose logits are asked for
    outputs: int
    #: streams of the cache: 1, or one for each sequence
    streams: int
    flash: bool
    on_gpu: bool = False


class Cells(NamedTuple):
    """The inputs that go with one cache."""

    #: cells of one stream
    length: int
    places_k: Node
    places_v: Node | None
    mask: Node
    #: Hadamard matrices that keys and values are turned by before they are quantised
    rotate_k: Node | None = None
    rotate_v: Node | None = None
    #: types of keys and values
    types: tuple[str, str] = ("fp16", "fp16")


class Heads(NamedTuple):
    """The shape of a layer's attention."""

    heads: int
    kv_heads: int
    key: int
    value: int


Weights = Mapping[str, Tensor]


def width(weights: Weights, name: str) -> int:
    """Rows a matrix turns a token into; 0 where there is no such matrix."""
    tensor = weights.get(name)
    return tensor.shape[0] if tensor else 0


def norm(g: Graph, x: Node, weights: Weights, name: str) -> Node:
    """RMS or layer norm, its scale and its shift; without a weight of that name, nothing but the norm itself."""
    # A layer norm does not write over its input; an RMS norm may.
    shifted = f"{name}.bias" in weights
    x = g.make(x.ne, x, reuse=not shifted)
    if f"{name}.weight" in weights:
        x = g.over(x)
    return g.over(x) if shifted else x


def project(g: Graph, x: Node, weights: Weights, name: str) -> Node:
    """A linear layer with its bias."""
    x = g.times(x, width(weights, f"{name}.weight"))
    return g.over(x) if f"{name}.bias" in weights else x


def feed_forward(g: Graph, x: Node, weights: Weights, suffix: str = "") -> Node:
    """The gated or plain MLP; ``suffix`` is that of its tensors ("_shexp": the shared experts)."""
    up_width = width(weights, f"ffn_up{suffix}.weight")
    down = weights[f"ffn_down{suffix}.weight"]
    up = project(g, x, weights, f"ffn_up{suffix}")
    if f"ffn_gate{suffix}.weight" in weights:
        gate = project(g, x, weights, f"ffn_gate{suffix}")
        act = g.make(gate.ne, gate, up)
    elif down.shape[1] * 2 == up_width:
        act = g.make((down.shape[1], *up.ne[1:]), up)
    else:
        act = g.over(up)
    return project(g, act, weights, f"ffn_down{suffix}")


def experts(g: Graph, x: Node, weights: Weights, before: bool = False) -> Node:
    """Routed experts, without the shared ones; ``before``: inputs are weighted, not outputs (Llama 4).

    The operations on one score for each expert are those of most models; all are small beside the experts' own.
    """
    count, (hidden, tokens) = weights["ffn_gate_inp.weight"].shape[0], x.ne
    used = weights["ffn_down_exps.weight"].active or 1
    logits = project(g, x, weights, "ffn_gate_inp")
    probs = g.over(logits)
    ranked = logits if before else probs
    if any(name.startswith("exp_probs_b") for name in weights):
        ranked = g.over(probs)
    chosen = g.view(g.make(ranked.ne, ranked), used, tokens)
    scores = g.view(g.make((1, used, tokens), g.view(probs, 1, count, tokens), chosen), used, tokens)
    if not before:
        scores = g.make(scores.ne, scores, g.over(g.make((1, tokens), scores)), reuse=True)
    scores = g.run(g.view(scores, 1, used, tokens))
    rows = g.view(x, hidden, 1, tokens)
    if before:
        rows = g.make((hidden, used, tokens), g.make((hidden, used, tokens), rows), scores, reuse=True)

    def each(source: Node, name: str) -> Node:
        out = g.make((weights[f"{name}.weight"].shape[0], used, tokens), source, chosen)
        return g.make(out.ne, out, chosen, reuse=True) if f"{name}.bias" in weights else out

    if "ffn_gate_up_exps.weight" in weights:
        both = each(rows, "ffn_gate_up_exps")
        half = both.ne[0] // 2
        act = g.make((half, used, tokens), g.view(both, half, used, tokens), g.view(both, half, used, tokens))
    else:
        up = each(rows, "ffn_up_exps")
        gated = "ffn_gate_exps.weight" in weights
        act = g.make(up.ne, each(rows, "ffn_gate_exps"), up) if gated else g.over(up)
    out = each(act, "ffn_down_exps")
    out = g.run(out if before else g.make(out.ne, out, scores, reuse=True))
    parts = [g.run(g.view(out, hidden, tokens)) for _ in range(used)]
    total = parts[0]
    for part in parts[1:]:
        total = g.run(g.make((hidden, tokens), total, part, reuse=True))
    return total if used > 1 else g.make(total.ne, total)


def rotated(g: Graph, x: Node, by: Node | None, flat: bool = True) -> Node:
    """Keys or values turned before they are quantised; parts of a larger tensor are copied first."""
    if by is None:
        return x
    ne = (by.ne[0], x.size // x.item // by.ne[0])
    rows = g.view(x, *ne) if flat else g.make(ne, x)
    return g.view(g.make(ne, by, rows), *x.ne)


def attend(g: Graph, b: Batch, cells: Cells, q: Node, k: Node, v: Node, shape: Heads,
           absorbed: int = 0, whole_v: bool = True) -> Node:  # fmt: skip
    """Scores, softmax and the weighted values, without the output projection.

    Args:
        k, v: what is stored into the cache first.
        absorbed: width of a head's values where the cache holds latents, of which the values are a part (MLA).
        whole_v: whether the values are a tensor of their own, not a part of a larger one.
    """
    q, k, v = rotated(g, q, cells.rotate_k), rotated(g, k, cells.rotate_k), rotated(g, v, cells.rotate_v, whole_v)
    for node in (q, v, k):
        g.run(node)
    for node, places in ((k, cells.places_k), (v, cells.places_v)):
        if places:
            g.run(g.stored(g.view(node, node.size // node.item // b.tokens, b.tokens), places))
    each = b.tokens // b.streams
    query = g.view(g.view(q, shape.key, shape.heads, each, b.streams), shape.key, each, shape.heads, b.streams)
    wide = absorbed or shape.value
    if b.flash:
        # The kernel reads 16 bits: a cache of 32 is copied layer by layer, on a GPU one of any other type, too.
        halves = [
            g.make((side, cells.length, shape.kv_heads, b.streams), query if b.on_gpu else None, item=2)
            for side, dtype in zip((shape.key, shape.value), cells.types, strict=True)
            if dtype == "fp32" or (b.on_gpu and dtype != "fp16")
        ]
        out = g.make((shape.value, shape.heads, each, b.streams), query, *halves, cells.mask)
        if absorbed:
            out = g.times(g.view(out, shape.value, each, shape.heads, b.streams), absorbed)
            out = g.make((absorbed, shape.heads, each, b.streams), g.view(out, absorbed, shape.heads, each, b.streams))
        out = g.view(out, wide * shape.heads, b.tokens)
    else:
        scores = g.make((cells.length, each, shape.heads, b.streams), query)
        scores = g.make(scores.ne, scores, cells.mask, reuse=True)
        # Values that are a part of the keys are turned round first, in the cache's own type.
        turned = (
            g.make((cells.length, shape.value, 1, b.streams), item=4 if cells.types[0] == "fp32" else 2)
            if absorbed
            else None
        )
        out = g.make((shape.value, each, shape.heads, b.streams), turned, scores)
        if absorbed:
            out = g.times(out, absorbed)
        out = g.make((wide * shape.heads, b.tokens), g.view(out, wide, shape.heads, each, b.streams))
    g.run(out)
    return rotated(g, out, cells.rotate_v)
