"""The moments of a prefill in transformers 5.23 that may be its peak, and the bytes alive in each.

Sources: modeling_llama.py and its kin for the tensors alive at each step, generation/utils.py (the prefill of generate
asks for the logits of the last token only).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.tensors import Block, ModelSpec, Work


class Stage(NamedTuple):
    """A moment of the prefill and the bytes alive in it, as a polynomial of the request.

    With b requests of t tokens (and e encoder tokens):
    ``b * (t * token + t * t * square + e * source + t * e * cross + once) + t * shared``.
    """

    label: str
    component: str
    token: int
    square: int = 0
    source: int = 0
    cross: int = 0
    once: int = 0
    shared: int = 0

    def bytes(self, batch: int, tokens: int, source: int) -> int:
        """Bytes alive with ``batch`` requests of ``tokens`` tokens reading ``source`` encoder tokens."""
        each = tokens * self.token + tokens * tokens * self.square + source * self.source + tokens * source * self.cross
        return batch * (each + self.once) + tokens * self.shared


def stages(spec: ModelSpec, blocks: tuple[Block, ...], tp: int, item: int, eager: bool) -> list[Stage]:
    """Moments of the prefill that may be its peak, for blocks that read the same tokens.

    Args:
        blocks: loaded blocks of one component.
        item: bytes of one element of the compute dtype.
        eager: whether attention writes its scores out.

    In a Llama layer's MLP four hidden-sized tensors are alive beside the three of the gated MLP: the embeddings, the
    layer's input, the residual and the normed input; in attention three. Eager attention keeps the scores once in the
    compute dtype and twice in fp32 around the softmax, and the previous layer's weights until they are replaced.
    """
    works = {work for block in blocks for work in block.work}
    component = blocks[0].component
    hidden = spec.images.hidden_size if component == "vision" and spec.images else spec.hidden_size
    attentions = [w for w in works if w.heads]
    rope = max((w.head_dim for w in attentions), default=0) * 2 * item + 8 if attentions else 0
    heads = max((w.heads for w in attentions), default=0) // tp
    kept = heads * item if eager else 0
    mask = item if eager else 0
    # RMSNorm works in fp32: the input, its fp32 copy, the product and the result.
    out = [Stage("norm", component, (3 * item + 8) * hidden, shared=rope)]
    for w in works:
        out += _work_stages(w, component, hidden, tp, item, eager, kept, mask, rope)
    return out


def _work_stages(
    w: Work, component: str, hidden: int, tp: int, item: int, eager: bool, kept: int, mask: int, rope: int
) -> list[Stage]:
    if w.heads:
        q = w.heads // tp * w.head_dim
        kv = max(w.kv_heads // tp, 1) * w.head_dim
        repeated = 0 if w.kv_heads == w.heads else 2 * q
        if eager:
            scores = w.heads // tp * (item + 8)
            token = (3 * hidden + q + repeated) * item
            return [Stage("attention", component, token, square=scores + mask, shared=rope)]
        # q, k, v, q * cos, the rotated half and its product with sin
        biases = w.heads // tp * item * 4 if w.kind == "biased_attention" else 0
        token = (3 * hidden + max(4 * q + 2 * kv, 2 * q + repeated)) * item
        return [Stage("attention", component, token, square=biases, shared=rope)]
    width = w.width // tp
    if w.kind == "moe":
        # expert outputs are weighted in fp32 where the router's weights are
        width = max(width, 6 * hidden * w.top_k)
    return [
        Stage(w.kind, component, (4 * hidden + width) * item, square=kept + mask, shared=rope),
    ]


def unfused_stages(spec: ModelSpec, blocks: tuple[Block, ...], tp: int) -> list[Stage]:
    """The same moments where a state-space scan is written out in PyTorch, because its kernels are not installed."""
    works = {work for block in blocks for work in block.work if work.unfused}
    return [
        Stage("scan without kernels", blocks[0].component, 4 * w.unfused // tp + 8 * spec.hidden_size) for w in works
    ]


def head_stage(spec: ModelSpec, component: str, vocab_rows: int, item: int, every: bool) -> Stage:
    """The output head: logits of the last token, or of all of them."""
    if every:
        return Stage("logits", component, (vocab_rows + spec.hidden_size) * item)
    # The last token's logits and their fp32 copy for sampling.
    return Stage("logits", component, spec.hidden_size * item, once=vocab_rows * (item + 4))


def spread(kinds: set[str]) -> tuple[float, float]:
    """How far the truth may lie below and above the activation estimate, by what the layers are made of."""
    if kinds <= {"attention", "mlp"}:
        return 0.9, 1.1
    if kinds <= {"attention", "biased_attention", "mlp", "moe", "conv"}:
        return 0.7, 1.3
    return 0.5, 2.0
