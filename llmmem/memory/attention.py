"""What kind of attention a model has, in the field's own words."""

from __future__ import annotations

from llmmem.dtypes import BITS
from llmmem.engines.plan import Plan
from llmmem.tensors import ModelSpec


def attention_kind(spec: ModelSpec) -> str:
    """Such as "GQA 32/8, sliding window 4096", "MLA", "hybrid: GQA 32/8 + state space"."""
    if spec.diffusion is not None:
        ways = dict.fromkeys(f"{w.attention} attention" for w in spec.diffusion if w.attention)
        return ", ".join(ways) or ("unknown" if spec.unknown else "none")
    if spec.unknown:
        return "unknown"
    blocks = [b for b in spec.blocks if b.loaded and b.component in ("language", "encoder", "decoder")]
    blocks = blocks or [b for b in spec.blocks if b.loaded]
    caches = {c for b in blocks for c in b.caches}
    kinds = {c.kind for c in caches}
    softmax = ""
    works = sorted({(w.heads, w.kv_heads) for b in blocks for w in b.work if w.heads}, reverse=True)
    if "latent" in kinds:
        softmax = "MLA"
    elif works:
        heads, kv_heads = works[0]
        name = "MHA" if kv_heads == heads else "MQA" if kv_heads == 1 else "GQA"
        softmax = f"{name} {heads}/{kv_heads}" if name == "GQA" else f"{name} {heads}"
    for kind, text in (("sliding", "sliding window"), ("chunked", "chunks")):
        windows = sorted({c.window for c in caches if c.kind == kind and c.window is not None})
        if windows:
            some = " on some layers" if "full" in kinds else ""
            softmax += f", {text} {'/'.join(map(str, windows))}{some}"
    if "cross" in kinds:
        softmax += ", cross attention"
    if "image" in kinds:
        softmax += ", cross attention to pictures"
    if "compressed" in kinds:
        softmax += ", compressed beyond"
    if "index" in kinds:
        softmax += ", sparse"
    recurrent = {w.kind for b in blocks for w in b.work} & {"ssm", "linear_attention", "rwkv"}
    if kinds & {"state"} or recurrent:
        name = "linear attention" if recurrent & {"linear_attention", "rwkv"} else "state space"
        return f"hybrid: {softmax} + {name}" if softmax else f"{name} (no attention)"
    return softmax or "none"


def cache_over(plan: Plan, batch: int, context: int) -> tuple[int, int, int]:
    """Keys and values, state, and the total, in bytes on the fullest rank at one context."""
    plan.all_known()
    lines = plan.lines(batch, context)
    kv = sum(line.bytes for line in lines if line.group == "kv_cache")
    state = sum(line.bytes for line in lines if line.group == "state")
    return kv, state, sum(line.bytes for line in lines)


def windows(spec: ModelSpec) -> tuple[int, ...]:
    """The windows of a model's caches, the smallest first."""
    return tuple(sorted({c.window for b in spec.blocks if b.loaded for c in b.caches if c.window is not None}))


def equivalents(plan: Plan, batch: int, context: int) -> list[tuple[str, int]]:
    """What keys and values would take if the layers that have them had another kind of attention.

    Every head a key and a value of its own (MHA), eight (GQA), one (MQA) of them, or a latent of DeepSeek-V3's size
    (MLA, 512 + 64); windows as they are. On one rank, in the cache's element type; empty without attention, and where
    the cache holds keys of an encoder's tokens too, which are no part of the context.
    """
    if any(cache.kind == "cross" for block in plan.spec.blocks for cache in block.caches):
        return []
    item = BITS.get(plan.kv_dtype, 16)
    kinds: dict[str, int] = {}
    for block in (b for b in plan.spec.blocks if b.loaded and b.caches):
        caches = [c for c in block.caches if c.kind in ("full", "sliding", "chunked", "latent")]
        works = [w for w in block.work if w.heads]
        if not caches or not works:
            continue
        work, window = works[0], caches[0].window
        held = len(block.layers) * (context if window is None else min(context, window))
        per_head = 2 * work.head_dim
        options = {f"MHA ({work.heads} heads)": work.heads * per_head, "GQA (8 heads)": 8 * per_head}
        if work.heads <= 8:
            del options["GQA (8 heads)"]
        options |= {"MQA (1 head)": per_head, "MLA (512 + 64)": 576}
        for name, elements in options.items():
            kinds[name] = kinds.get(name, 0) + batch * held * elements * item // 8
    return list(kinds.items())
