"""What vLLM 0.33 holds beside weights and the pool: the peak of its profile run, CUDA graphs, NCCL, CUDA's context.

The profile run puts max_num_batched_tokens through the model and samples for max_num_seqs requests
(v1/worker/gpu/model_runner.py, profile_run). Its terms are read off the source; what a logit costs in the sampler, and
everything PyTorch does not allocate, off published start-up logs: 17 of vLLM 0.19 and others of 0.11 to 0.18 on
H100s (llm-d-planner pull request 205 and the documentation that came of it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmmem.dtypes import BITS
from llmmem.engines import Amount, Band
from llmmem.engines.cuda import CONTEXT, CONTEXT_WHY, MIB, NCCL, NCCL_WHY
from llmmem.engines.plan import TEXT, Share
from llmmem.engines.vllm.defaults import capture_sizes, step
from llmmem.tensors import Block, Tensor

if TYPE_CHECKING:
    from llmmem.engines.vllm.plan import VllmPlan

#: tenths of a byte for each request and entry of the vocabulary while tokens are sampled: logits in 16 and 32 bits,
#: counts for penalties, the sorted copy. 14.9 since 0.17, 38.4 in 0.11 to 0.16
SAMPLER = Band(70, 149, 390)
#: what else grows during start-up and is not PyTorch's: kernels, cuBLAS; with several ranks also all-reduce buffers
NON_TORCH = Band(60 * MIB, 256 * MIB, 480 * MIB)
NON_TORCH_TP = Band(300 * MIB, 2130 * MIB, 2270 * MIB)
#: CUDA graphs: so much at once, and for each layer and 51 sizes
GRAPHS, GRAPH_LAYER, GRAPH_SIZES = 350 * MIB, 17 * MIB, 51


def activations(plan: VllmPlan, share: Share, context: int) -> list[Amount]:
    """The peak of the profile run on a rank of the stage."""
    spec, d, item = plan.spec, plan.deployment, plan.item()
    if not any(b.work for b in share.plain):
        return []
    sizes = step(d, context)
    hidden = spec.hidden_size * item
    text = [b for b in share.plain if b.component in TEXT and b.work]
    workspace = max((_workspace(plan, b, sizes.tokens) for b in text), default=0)
    layer = max((_layer(b, sizes.tokens, hidden, item, d.tp) for b in text), default=0)
    rows = _head_rows(plan, share)
    # The pictures' embeddings wait for the language model.
    embeddings = sizes.tokens * hidden if any(b.component == "vision" for b in share.plain) else 0
    tower = _tower(share.plain, plan, sizes.tokens)
    logits = min(sizes.seqs, sizes.tokens) * rows
    sampler = Band(*(logits * share // 10 for share in SAMPLER))
    held = workspace + embeddings
    best = max(layer, tower, sampler.best + sizes.tokens * hidden) + held
    low = max(int(0.7 * layer), tower // 4, sampler.low)
    high = max(int(1.3 * layer), 2 * tower, sampler.high + sizes.tokens * hidden) + held

    def why() -> str:
        stage = "a layer" if layer == best - held else "the vision tower" if tower == best - held else "the sampler"
        return (
            f"profile run of {sizes.tokens:,} tokens and {sizes.seqs:,} requests: {stage} is its peak"
            f" ({rows:,} logits a request at 7 to 39 bytes each, {workspace:,} bytes of expert workspace);"
            " bands from start-up logs of vLLM 0.11 to 0.19"
        )

    return [Amount("runtime", "activations", "activation peak", Band(low, best, high), "estimated", why)]


def beside(plan: VllmPlan, share: Share, context: int) -> list[Amount]:
    """Memory that is not PyTorch's, and CUDA graphs."""
    d = plan.deployment
    several = d.tp > 1 or d.dp > 1
    non_torch = NON_TORCH_TP if several else NON_TORCH
    out = [
        _overhead("CUDA context", CONTEXT, CONTEXT_WHY),
        _overhead(
            "non-torch",
            non_torch,
            "what start-up adds outside PyTorch: 0.06 to 0.46 GiB on one GPU, 0.3 to 2.2 GiB with tensor parallelism"
            " (start-up logs of vLLM 0.11 to 0.19)",
        ),
    ]
    if several or d.pp > 1:
        out.append(_overhead("NCCL", NCCL, NCCL_WHY))
    if not d.knob("enforce_eager"):
        out += _graphs(plan, share, context)
    return out + _rotary(plan) + _repacked(plan, share)


def _overhead(label: str, band: Band, why: str, basis: str = "measured") -> Amount:
    return Amount("runtime", "overhead", label, band, basis, lambda: why)


def _graphs(plan: VllmPlan, share: Share, context: int) -> list[Amount]:
    layers = sum(len(b.layers) for b in share.plain if b.component in TEXT and "{}" in b.prefix and b.work)
    if not layers:
        return []
    count = capture_sizes(plan.deployment.gpu, step(plan.deployment, context).seqs)
    moe = any(w.kind == "moe" for b in share.plain for w in b.work)
    best = (GRAPHS + GRAPH_LAYER * layers * count // GRAPH_SIZES) * (3 if moe else 2) // 2
    band = Band(best // 2, best, best * (3 if moe else 27) // (2 if moe else 20))
    why = (
        f"graphs of {count} batch sizes for {layers} layers; 0.5 to 1.9 GiB in start-up logs of vLLM 0.11 to 0.19,"
        " more with experts"
    )
    return [_overhead("CUDA graphs", band, why, "estimated")]


def _rotary(plan: VllmPlan) -> list[Amount]:
    """cos and sin of every position, in the compute dtype; of half a head or less in some models."""
    spec = plan.spec
    widths = {w.head_dim for b in spec.blocks for w in b.work if w.head_dim and b.component in TEXT}
    latent = {c.value for b in spec.blocks for c in b.caches if c.kind == "latent"}
    width = max(latent or widths, default=0)
    if not width or spec.max_context is None:
        return []
    size = spec.max_context * width * plan.item()
    why = f"cos and sin of {spec.max_context:,} positions x {width} elements"
    return [Amount("language", "overhead", "rotary tables", Band(0, size, 2 * size), "estimated", lambda: why)]


def _repacked(plan: VllmPlan, share: Share) -> list[Amount]:
    """MXFP4 experts are padded once more for their kernel after loading."""
    size = sum(
        plan.rank_elements(b.component, t) * len(b.layers)
        for b in share.stored
        for t in b.tensors
        if t.copies > 1 and t.dtype == "uint8" and t.name.endswith(("_blocks", "_scales"))
    )
    if not size:
        return []
    band = Band(0, size * 65 // 1000, size * 9 // 100)
    why = f"6.5 % of {size:,} bytes of MXFP4 experts: 64.38 GiB of gpt-oss-120b in logs, whose tensors have 60.77"
    return [Amount("language", "overhead", "experts repacked", band, "measured", lambda: why)]


def _matrices(block: Block) -> list[Tensor]:
    return [t for t in block.tensors if t.role == "linear" and len(t.shape) >= 2 and t.shard is not None]


def _workspace(plan: VllmPlan, block: Block, tokens: int) -> int:
    """Two buffers of the fused experts, kept from the first run on; MXFP4's kernels need none of this size."""
    d, item = plan.deployment, plan.item()
    top_k = max((w.top_k for w in block.work if w.kind == "moe"), default=0)
    experts = [t for t in _matrices(block) if t.copies > 1 and t.active is not None]
    if not top_k or not experts or plan.stored.precision.startswith("mxfp4"):
        return 0
    inner = max(t.shape[t.shard or 0] for t in experts if t.layout[t.shard or 0] == "i")
    gates = sum(t.shape[t.shard or 0] for t in experts if t.layout[t.shard or 0] == "o")
    ranks = d.tp * d.dp if not (d.ep > 1 or d.knob("enable_expert_parallel")) else 1
    hidden = plan.spec.hidden_size
    return tokens * top_k * item * (max(inner // ranks, hidden) + max(gates // ranks, hidden))


def _layer(block: Block, tokens: int, hidden: int, item: int, tp: int) -> int:
    """A layer's own peak: the residual, its input and output, and what its widest part makes of them."""
    widest = 0
    for part in dict.fromkeys(t.name.partition(".")[0] for t in _matrices(block)):
        own = [t for t in _matrices(block) if t.name.partition(".")[0] == part and t.copies == 1]
        outputs = sum(t.shape[t.shard or 0] for t in own if t.layout[t.shard or 0] == "o")
        inputs = max((t.shape[t.shard or 0] for t in own if t.layout[t.shard or 0] == "i"), default=0)
        widest = max(widest, (outputs + inputs) // tp)
    return tokens * (4 * hidden + widest * item)


def _head_rows(plan: VllmPlan, share: Share) -> int:
    """Logits a request has where the stage samples: those of all ranks are gathered."""
    if share.pp != plan.deployment.pp - 1:
        return 0
    return plan.spec.vocab_size


def _tower(blocks: tuple[Block, ...], plan: VllmPlan, tokens: int) -> int:
    """Pictures the encoder is profiled with, all at once: what fits the budget of one step, one at least."""
    images = plan.spec.images
    works = [w for b in blocks if b.component == "vision" for w in b.work]
    if images is None or not works:
        return 0
    patches, made = images.patches, images.tokens
    if images.patch and images.max_pixels:
        patches = images.max_pixels // images.patch**2
        made = patches // images.merge**2
    count = max(1, tokens // max(1, made))
    width = max((w.width for w in works if w.kind == "mlp"), default=0) // plan.deployment.tp
    return count * patches * (4 * images.hidden_size + width) * BITS[plan.stored.compute] // 8
