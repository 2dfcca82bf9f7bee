"""transformers 5.23 (PyTorch): dynamic caches, sdpa or eager attention, no reservation ahead of need.

Sources: cache_utils.py (DynamicLayer, DynamicSlidingWindowLayer keeps window - 1 tokens), modeling_llama.py and its
kin for the tensors alive at each step, generation/utils.py (the prefill of generate() asks for the logits of the last
token only), the tensor parallel plans of the configuration classes (token embeddings and towers stay whole).
"""

from __future__ import annotations

from llmmem.engines import Band, Stage
from llmmem.errors import LayoutError
from llmmem.tensors import Block, Cache, ModelSpec, Tensor, Work

NAME = "transformers"
VERSION = "5.23"

#: option -> what it takes, the default first
KNOBS = {"attn_implementation": ("sdpa", "eager"), "logits": ("last", "all")}

MIB = 1 << 20
#: lazy kernel loading, an H100, and eager kernel loading
CUDA_CONTEXT = Band(274 * MIB, 522 * MIB, 636 * MIB)
CUDA_CONTEXT_WHY = "PyTorch's CUDA context: 274 MiB (pytorch#86509) to 636 MiB, 522 MiB on an H100 (llm-d-planner#205)"
#: cuBLAS workspace: 8 MiB, 32 MiB on Hopper (PyTorch, CUDABlas.cpp).
CUBLAS = Band(8 * MIB, 32 * MIB, 32 * MIB)

_CUT = ("language", "encoder", "decoder")


def check_layout(spec: ModelSpec, tp: int) -> None:
    """Whether ``tp`` ranks can share the model's heads.

    Raises:
        LayoutError: they cannot.
    """
    if tp == 1:
        return
    for block in spec.blocks:
        if block.component not in _CUT or not block.loaded:
            continue
        for work in block.work:
            if work.heads and work.heads % tp:
                fits = [n for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64) if work.heads % n == 0]
                raise LayoutError(
                    f"--tp {tp}: {work.heads} attention heads cannot be shared evenly by {tp} ranks.",
                    f"Give --tp {', '.join(map(str, fits)) or 1}." if fits else "Give --tp 1.",
                )


def rank_elements(component: str, tensor: Tensor, tp: int) -> int:
    """Elements of the tensor (all copies) on one rank of ``tp``.

    Raises:
        LayoutError: the axis cannot be shared evenly.
    """
    if tp == 1 or tensor.shard is None or component not in _CUT or tensor.role == "embedding":
        return tensor.elements
    size = tensor.shape[tensor.shard]
    if tensor.role == "head":  # the vocabulary is shared unevenly when it must be
        return tensor.elements // size * -(-size // tp)
    units = size // tensor.unit
    if units % tp == 0:
        return tensor.elements // tp
    # Fewer key/value heads than ranks: one head each, repeated, and so are its scales.
    heads = tensor.unit > 1 or tensor.role == "scale"
    if heads and tensor.layout[tensor.shard : tensor.shard + 1] != "i" and tp % units == 0:
        return tensor.elements // units
    raise LayoutError(
        f"--tp {tp}: {tensor.name} {list(tensor.shape)} cannot be shared evenly by {tp} ranks"
        f" along its {size:,} entries" + (f" in steps of {tensor.unit}." if tensor.unit > 1 else "."),
        "Give a --tp that divides it.",
    )


def rank_cache(cache: Cache, tp: int) -> Cache:
    """The part of a layer's cache that one rank of ``tp`` holds.

    Raises:
        LayoutError: channels or states that cannot be shared evenly.
    """
    if tp == 1 or cache.kind in ("latent", "index") or cache.heads == 1:
        return cache
    if cache.heads % tp == 0:
        return cache._replace(heads=cache.heads // tp)
    if cache.key and tp % cache.heads == 0:
        return cache._replace(heads=1)
    raise LayoutError(
        f"--tp {tp}: {cache.heads} {'key/value heads' if cache.key else 'state channels'} cannot be shared evenly"
        f" by {tp} ranks.",
        "Give a --tp that divides them.",
    )


def held(cache: Cache, tokens: int, encoder_tokens: int) -> int:
    """Tokens of a request that the cache holds after ``tokens``."""
    if cache.kind == "cross":
        return encoder_tokens
    if cache.kind == "pending":
        return tokens % cache.every
    if cache.kind == "overlap":
        return cache.every if tokens >= cache.every else 0
    if cache.window is not None:
        return min(tokens, max(cache.window - 1, 0))
    return tokens // cache.every


def held_rule(cache: Cache) -> str:
    """The rule behind ``held``, for people."""
    if cache.kind == "pending":
        return f"tokens since the last full {cache.every:,}"
    if cache.kind == "overlap":
        return f"tokens, the last full {cache.every:,}"
    if cache.every > 1:
        return f"entries, one per {cache.every:,} tokens"
    if cache.window is not None:
        return f"the last {cache.window - 1:,} of a window of {cache.window:,}"
    return "encoder tokens" if cache.kind == "cross" else "tokens"


def stages(spec: ModelSpec, blocks: tuple[Block, ...], tp: int, item: int, knobs: dict[str, str]) -> list[Stage]:
    """Moments of the prefill that may be its peak, for blocks that read the same tokens.

    Args:
        blocks: loaded blocks of one component.
        item: bytes of one element of the compute dtype.
        knobs: attn_implementation, logits.

    In a Llama layer's MLP four hidden-sized tensors are alive beside the three of the gated MLP: the embeddings, the
    layer's input, the residual and the normed input; in attention three. Eager attention keeps the scores once in the
    compute dtype and twice in fp32 around the softmax, and the previous layer's weights until they are replaced.
    """
    works = {work for block in blocks for work in block.work}
    component = blocks[0].component
    hidden = spec.images.hidden_size if component == "vision" and spec.images else spec.hidden_size
    eager = knobs["attn_implementation"] == "eager"
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


def head_stage(spec: ModelSpec, component: str, vocab_rows: int, item: int, knobs: dict[str, str]) -> Stage:
    """The output head: logits of the last token, or of all of them."""
    if knobs["logits"] == "all":
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


def overhead(cache_bytes: int, largest_layer: int, activations: Band) -> list[tuple[str, Band, str, str]]:
    """Label, bytes, basis and why of what stands beside the model."""
    # torch.cat makes the longer cache of one layer before the shorter one is freed.
    grown = Band(largest_layer, largest_layer, largest_layer)
    # The caching allocator rounds blocks up and keeps freed ones; growing caches fragment it.
    moving = cache_bytes + activations.best
    slack = Band(0, moving // 50, (cache_bytes + activations.high) // 10)
    return [
        ("CUDA context", CUDA_CONTEXT, "measured", CUDA_CONTEXT_WHY),
        (
            "framework",
            CUBLAS + grown + slack,
            "estimated",
            "cuBLAS workspace (8 to 32 MiB), one layer's cache copied as it grows, and allocator slack of 0 to 10 %"
            " of cache and activations (2 % taken)",
        ),
    ]
