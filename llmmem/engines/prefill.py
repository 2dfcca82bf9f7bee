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
    ``b * (t * token + t * t * square + e * source + t * e * cross + once)``, for all requests together
    ``t * shared + t * t * table + t * e * zeros`` and a byte per pair of tokens for every window that t tokens fill;
    with ``b * t * t * bias`` where they fill the layer's own.
    """

    label: str
    component: str
    token: int
    square: int = 0
    source: int = 0
    cross: int = 0
    once: int = 0
    shared: int = 0
    table: int = 0
    zeros: int = 0
    windows: tuple[int, ...] = ()
    bias: int = 0
    window: int = 0

    def bytes(self, batch: int, tokens: int, source: int) -> int:
        """Bytes alive with ``batch`` requests of ``tokens`` tokens reading ``source`` encoder tokens."""
        pairs = tokens * tokens
        each = tokens * self.token + pairs * self.square + source * self.source + tokens * source * self.cross
        if tokens >= self.window:
            each += pairs * self.bias
        masks = sum(pairs for window in self.windows if window <= tokens)
        common = tokens * self.shared + pairs * self.table + tokens * source * self.zeros
        return batch * (each + self.once) + common + masks


def stages(spec: ModelSpec, blocks: tuple[Block, ...], tp: int, item: int, eager: bool) -> list[Stage]:
    """Moments of the prefill that may be its peak, for blocks that read the same tokens.

    Args:
        blocks: loaded blocks of one component.
        item: bytes of one element of the compute dtype.
        eager: whether attention writes its scores out.

    In a Llama layer's MLP four hidden-sized tensors are alive beside the three of the gated MLP: the embeddings, the
    layer's input, the residual and the normed input; in attention three. Eager attention keeps the scores once in the
    compute dtype and twice in fp32 around the softmax, and the previous layer's weights until they are replaced. What
    other families keep stands in their ``Run``.
    """
    works = dict.fromkeys(work for block in blocks for work in block.work)
    component = blocks[0].component
    towers = {"vision": spec.images, "audio": spec.sound}
    tower = towers.get(component)
    hidden = tower.hidden_size if tower else spec.hidden_size
    attentions = [w for w in works if w.heads]
    eager = eager or any(w.run.written for w in attentions)
    frame = _frame(component, blocks, attentions, tp, item, eager)
    # RMSNorm works in fp32: the input, its fp32 copy, the product and the result.
    out = [frame._replace(label="norm", token=(3 * item + 8) * hidden)]
    own = max((w.heads // tp * item for w in attentions if not w.run.cross), default=0) if eager else 0
    read = max((w.heads // tp * item for w in attentions if w.run.cross), default=0) if eager else 0
    for w in works:
        if w.heads:
            out += _attention_stages(w, frame, hidden, tp, item, eager, own)
        else:
            place, held = _held(w, 4, frame, hidden * item)
            # The weights of the layer's last attention are held until others replace them.
            kept = 0 if read else own * (2 if w.run.keeps else 1)
            token = held + _own_bytes(w, hidden, tp, item)
            out.append(place._replace(label=w.kind, token=token, square=frame.square + kept, cross=read))
    return out


def _frame(component: str, blocks: tuple[Block, ...], attentions: list[Work], tp: int, item: int, eager: bool) -> Stage:
    """What is there all along: cos and sin of the positions, masks, learned tables."""
    turned = [w.head_dim for w in attentions if w.run.rotary]
    rope = max(turned) * 2 * item + 8 if turned else 0
    # Encoders see everything and need no mask. Eager attention gets one per window, sdpa none without a window.
    windows = {w.window for w in attentions if not w.run.cross} if any(b.caches for b in blocks) else set()
    mask = len(windows) * item if eager else int(any(w.run.masked for w in attentions))
    full = () if eager else tuple(sorted(w for w in windows if w is not None))
    table = max((w.heads // tp * item for w in attentions if w.run.table and not w.run.cross), default=0)
    zeros = max((w.heads // tp * item for w in attentions if w.run.table and w.run.cross), default=0)
    return Stage("", component, 0, square=mask, shared=rope, table=table, zeros=zeros, windows=full)


def _attention_stages(w: Work, frame: Stage, hidden: int, tp: int, item: int, eager: bool, kept: int) -> list[Stage]:
    run = w.run
    q = w.heads // tp * w.head_dim
    kv = max(w.kv_heads // tp, 1) * w.head_dim
    repeated = 0 if w.kv_heads == w.heads else 2 * q
    frame, held = _held(w, 4 if run.cross else 3, frame, hidden * item)
    out = []
    if any(run.early):
        plain, wide = run.early
        out.append(frame._replace(label="query norm", token=held + (plain * item + wide * 4) // tp))
    label = "cross attention" if run.cross else "attention"
    if eager:
        plain, wide = run.scores
        scores = w.heads // tp * ((plain + run.keeps) * item + wide * 4)
        token = held + (q + repeated + run.beside // tp) * item
        if run.cross:
            out.append(frame._replace(label=label, token=token, square=frame.square + kept, cross=scores))
        else:
            out.append(frame._replace(label=label, token=token, square=frame.square + scores))
        return out
    if run.table and not run.cross:
        # The bias and a mask of one byte become one tensor, of which the kernel takes an aligned copy.
        token = held + (q + run.beside // tp) * item
        out.append(frame._replace(label=label, token=token, table=frame.table + w.heads // tp * item * 2 + 1))
        return out
    if run.math:
        # The mask is added to scores in fp32, which q is copied to and scaled in; the output is copied back from it.
        token = held + (q + repeated + run.beside // tp) * item + 2 * q * 4
        mask, heads = frame.square + item, w.heads // tp
        out.append(frame._replace(label=label, token=token, square=mask + heads * 8))
        token += (q + 2 * kv) * 4 + q * item
        out.append(frame._replace(label=label, token=token, square=mask + heads * (4 + item)))
        return out
    if run.rotary:
        # q, k, v, q * cos, the rotated half and its product with sin
        out.append(frame._replace(label="rotation", token=held + (4 * q + 2 * kv) * item))
    # q, repeated k and v, the output and its log sums; sdpa turns a mask into a bias of the compute dtype.
    bias = item if w.window in frame.windows or (run.masked and not run.cross) else 0
    token = held + (2 * q + repeated + run.beside // tp) * item + w.heads // tp * 4
    out.append(frame._replace(label=label, token=token, bias=bias, window=w.window or 0))
    return out


def _held(w: Work, usual: int, frame: Stage, stream: int) -> tuple[Stage, int]:
    """The frame with the positions that all requests share, and the bytes per token of the other tensors held."""
    run = w.run
    each = (run.held or usual) - run.common
    return frame._replace(shared=frame.shared + run.common * stream), each * stream


def _own_bytes(w: Work, hidden: int, tp: int, item: int) -> int:
    """Bytes per token of a part without attention, beside the tensors of the residual stream."""
    own = (w.run.width or w.width) // tp * item
    if w.kind != "moe":
        return own
    # Inputs and outputs of the experts a token visits, the outputs weighted, and those in the tokens' order again.
    return max(own, w.top_k * hidden * (2 * item + 2 * (4 if w.run.wide else item)))


def unfused_stages(spec: ModelSpec, blocks: tuple[Block, ...], tp: int) -> list[Stage]:
    """The same moments where a state-space scan is written out in PyTorch, because its kernels are not installed."""
    works = dict.fromkeys(work for block in blocks for work in block.work if work.unfused)
    return [
        Stage("scan without kernels", blocks[0].component, 4 * w.unfused // tp + 8 * spec.hidden_size) for w in works
    ]


def head_stage(spec: ModelSpec, component: str, vocab_rows: int, item: int, every: bool, biased: bool) -> Stage:
    """The output head: logits of the last token, or of all of them.

    Args:
        biased: a buffer is added to them (BART's final_logits_bias).
    """
    if every:
        # What fills in masked words transforms the encoder's output first, and both stay alive.
        streams = spec.hidden_size * (2 if component == "encoder" else 1)
        return Stage("logits", component, (vocab_rows * (2 if biased else 1) + streams) * item)
    # The last token's logits and their fp32 copy for sampling.
    return Stage("logits", component, spec.hidden_size * item, once=vocab_rows * (item + 4))


def spread(kinds: set[str]) -> tuple[float, float, str]:
    """How far the truth may lie below and above the activation estimate, by what the layers are made of, and why.

    The bands are wider than what was traced, in some fifty families: others of the same layers may keep more.
    """
    if kinds <= {"attention", "mlp"}:
        return 0.9, 1.1, "traced peaks of such layers lie within 5 %"
    if kinds <= {"attention", "biased_attention", "mlp", "moe", "conv"}:
        return 0.85, 1.25, "traced peaks of experts and of biased attention lie within 5 %"
    return 0.5, 2.0, "traced peaks of scans and linear attention lie up to 41 % higher"
