"""Layers of llama.cpp's models as operations: what reads the residual stream and what it adds.

Sources: src/models/llama.cpp, gemma3.cpp, deepseek2.cpp, qwen3next.cpp, openai-moe.cpp, lfm2.cpp, mamba-base.cpp,
delta-net-base.cpp and their kin.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.engines.llamacpp.bricks import (
    Batch,
    Cells,
    Heads,
    Weights,
    attend,
    experts,
    feed_forward,
    norm,
    project,
    width,
)
from llmmem.engines.llamacpp.graph import Graph, Node


class Inputs(NamedTuple):
    """What every layer reads beside the residual stream."""

    positions: Node
    full: Cells | None
    window: Cells | None
    #: indices of the recurrent states of the batch's sequences
    states: Node | None


class Layer(NamedTuple):
    """One layer, with the names of its tensors as GGUF files have them."""

    weights: Weights
    heads: Heads | None = None
    #: full, sliding, latent or "" (no attention)
    cache: str = ""
    #: elements of convolution and recurrent state of a sequence
    conv: int = 0
    state: int = 0
    #: whether experts see weighted inputs (Llama 4)
    weighted_first: bool = False


def attention(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs) -> Node:
    """Attention with its projections."""
    w, shape = layer.weights, layer.heads
    assert shape is not None
    if layer.cache == "latent":
        return _latent(g, b, x, layer, inputs)
    cells = inputs.window if layer.cache == "sliding" else inputs.full
    assert cells is not None
    gate = None
    if "attn_qkv.weight" in w:
        both = project(g, x, w, "attn_qkv")
        q, k = g.view(both, shape.key, shape.heads, b.tokens), g.view(both, shape.key, shape.kv_heads, b.tokens)
        v = g.view(both, shape.value, shape.kv_heads, b.tokens)
    else:
        q, k, v = (project(g, x, w, name) for name in ("attn_q", "attn_k", "attn_v"))
        if q.ne[0] == 2 * shape.heads * shape.key:  # query and gate, head by head
            whole = g.view(q, 2 * shape.key, shape.heads, b.tokens)
            gate = g.view(whole, shape.key, shape.heads, b.tokens)
            q = g.view(whole, shape.key, shape.heads, b.tokens)
        else:
            q = g.view(q, shape.key, shape.heads, b.tokens)
        k, v = g.view(k, shape.key, shape.kv_heads, b.tokens), g.view(v, shape.value, shape.kv_heads, b.tokens)
    if "attn_q_norm.weight" in w:
        q = norm(g, q, w, "attn_q_norm")
    if "attn_k_norm.weight" in w:
        k = norm(g, k, w, "attn_k_norm")
    q, k = g.make(q.ne, q, inputs.positions, reuse=True), g.make(k.ne, k, inputs.positions, reuse=True)
    out = attend(g, b, cells, q, k, v, shape, whole_v="attn_qkv.weight" not in w)
    if gate:
        flat = g.make((shape.key * shape.heads, b.tokens), gate)
        out = g.make(out.ne, out, g.over(flat), reuse=True)
    return project(g, out, w, "attn_output")


def _latent(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs) -> Node:
    """Multi-head latent attention, with the up-projections absorbed into query and output."""
    w, shape, cells = layer.weights, layer.heads, inputs.full
    assert shape is not None and cells is not None
    rank, rope = shape.value, shape.key - shape.value
    if "attn_q_a.weight" in w:
        q = project(g, norm(g, project(g, x, w, "attn_q_a"), w, "attn_q_a_norm"), w, "attn_q_b")
    else:
        q = project(g, x, w, "attn_q")
    q = g.view(q, q.ne[0] // shape.heads, shape.heads, b.tokens)
    plain = q.ne[0] - rope
    both = project(g, x, w, "attn_kv_a_mqa")
    latent, k_rope = g.view(both, rank, b.tokens), g.view(both, rope, 1, b.tokens)
    k_rope = g.make(k_rope.ne, k_rope, inputs.positions, reuse=True)
    latent = norm(g, latent, w, "attn_kv_a_norm")
    q_plain, q_rope = g.view(q, plain, shape.heads, b.tokens), g.view(q, rope, shape.heads, b.tokens)
    q_rope = g.make(q_rope.ne, q_rope, inputs.positions, reuse=True)
    turned = g.make((rank, b.tokens, shape.heads), g.view(q_plain, plain, b.tokens, shape.heads))
    q = g.make((shape.key, shape.heads, b.tokens), g.view(turned, rank, shape.heads, b.tokens), q_rope)
    latent = g.view(latent, rank, 1, b.tokens)
    k = g.make((shape.key, 1, b.tokens), latent, k_rope)
    values = w["attn_v_b.weight"].shape
    absorbed = values[-2] if len(values) == 3 else values[0] // shape.heads
    out = attend(g, b, cells, q, k, latent, shape, absorbed=absorbed)
    return project(g, out, w, "attn_output")


def feed(g: Graph, x: Node, layer: Layer) -> Node:
    """What follows attention: MLP, or routed and shared experts."""
    w = layer.weights
    if "ffn_gate_inp.weight" not in w:
        return feed_forward(g, x, w)
    out = experts(g, x, w, layer.weighted_first)
    if "ffn_up_shexp.weight" not in w:
        return out
    shared = feed_forward(g, x, w, "_shexp")
    if "ffn_gate_inp_shexp.weight" in w:
        gate = g.over(g.times(x, 1))
        shared = g.make(shared.ne, shared, gate, reuse=True)
    return g.make(out.ne, out, shared, reuse=True)


def states(g: Graph, inputs: Inputs, size: int, b: Batch) -> Node:
    """The states of the batch's sequences, copied out of the cache."""
    return g.run(g.make((size, b.sequences), inputs.states))


def mamba(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs) -> Node:
    """Mamba 1: convolution, selective scan, gate."""
    w = layer.weights
    inner, taps = w["ssm_conv1d.weight"].shape
    each, rank = b.tokens // b.sequences, width(w, "ssm_dt.weight") and w["ssm_dt.weight"].shape[1]
    conv = g.view(states(g, inputs, layer.conv, b), taps - 1, inner, b.sequences)
    both = g.times(g.view(x, x.ne[0], each, b.sequences), 2 * inner)
    part, gate = g.view(both, inner, each, b.sequences), g.view(both, inner, each, b.sequences)
    joined = g.make((taps - 1 + each, inner, b.sequences), conv, g.view(part, each, inner, b.sequences))
    g.run(g.stored(g.view(joined, taps - 1, inner, b.sequences), joined))
    part = g.over(g.over(g.make((inner, each, b.sequences), joined)))
    mixed = g.times(part, width(w, "ssm_x.weight"))
    size = (mixed.ne[0] - rank) // 2
    step = g.view(mixed, rank, each, b.sequences)
    grow, read = g.view(mixed, size, 1, each, b.sequences), g.view(mixed, size, 1, each, b.sequences)
    if "ssm_dt_norm.weight" in w or "ssm_b_norm.weight" in w:
        step, grow, read = (
            norm(g, step, w, "ssm_dt_norm"),
            norm(g, grow, w, "ssm_b_norm"),
            norm(g, read, w, "ssm_c_norm"),
        )
    else:
        step = g.make(step.ne, step)
    step = g.over(g.times(step, inner))
    rows = g.view(part, 1, inner, each, b.sequences)
    scan = g.make((inner * b.tokens + layer.state * b.sequences,), rows, step, grow, read, inputs.states)
    g.run(scan)
    g.run(g.stored(g.view(scan, layer.state * b.sequences), scan))
    y = g.view(scan, inner, each, b.sequences)
    y = g.make(y.ne, y, g.over(part), reuse=True)
    y = g.make(y.ne, g.make(gate.ne, gate), y)
    return g.view(g.times(y, x.ne[0]), x.ne[0], b.tokens)


def delta(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs) -> Node:
    """Gated delta net (Qwen3-Next)."""
    w = layer.weights
    channels, taps = w["ssm_conv1d.weight"].shape
    heads, head = width(w, "ssm_a"), width(w, "ssm_norm.weight")
    inner = heads * head
    size = layer.state // inner
    keys = (channels - inner) // 2 // size
    each = b.tokens // b.sequences
    shape = (each, b.sequences)
    mixed = g.view(g.times(x, channels), channels, *shape)
    gate = g.times(x, inner)
    per = heads // keys
    both = g.view(g.times(x, 2 * heads), 2 * per, keys, *shape)
    beta, alpha = g.view(both, per, keys, *shape), g.view(both, per, keys, *shape)
    beta = g.over(g.make(beta.ne, beta))
    alpha = g.over(g.over(g.over(g.make((heads, *shape), alpha))))
    beta, alpha = g.view(beta, 1, heads, *shape), g.view(alpha, 1, heads, *shape)
    conv = g.view(states(g, inputs, layer.conv, b), taps - 1, channels, b.sequences)
    joined = g.make((taps - 1 + each, channels, b.sequences), conv, g.view(mixed, each, channels, b.sequences))
    g.run(g.stored(g.view(joined, taps - 1, channels, b.sequences), joined))
    state = g.view(states(g, inputs, layer.state, b), head, head, heads, b.sequences)
    turned = g.over(g.make((channels, *shape), joined))
    q, k = (g.make((size, keys, *shape), g.view(turned, size, keys, *shape)) for _ in range(2))
    v = g.view(turned, head, heads, *shape)
    if per > 1:
        q, k = (
            g.view(g.make((size, per, keys, b.tokens), g.view(n, size, 1, keys, b.tokens)), size, heads, *shape)
            for n in (q, k)
        )
    result = g.make((inner, b.tokens + head * b.sequences), q, k, v, alpha, beta, state)
    out = g.view(result, head, heads, *shape)
    g.run(g.stored(g.view(result, head, head, heads, b.sequences), result))
    out = norm(g, out, w, "ssm_norm")
    out = g.make(out.ne, out, g.over(g.view(gate, head, heads, *shape)), reuse=True)
    out = g.times(g.view(out, inner, *shape), x.ne[0])
    return g.view(out, x.ne[0], b.tokens)


def mixer(g: Graph, b: Batch, x: Node, layer: Layer, inputs: Inputs) -> Node:
    """What the layer reads the residual stream with."""
    if layer.cache:
        return attention(g, b, x, layer, inputs)
    if "ssm_x.weight" in layer.weights:
        return mamba(g, b, x, layer, inputs)
    if "attn_gate.weight" in layer.weights:
        return delta(g, b, x, layer, inputs)
    raise KeyError("a mixer that is not described")
