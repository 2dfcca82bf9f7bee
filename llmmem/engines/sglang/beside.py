"""What SGLang 0.5.23 holds beside weights and pools: it does not measure it, but leaves a share of the memory to it.

Sources: mem_cache/memory_pool.py (ReqToTokenPool), arg_groups/memory_hook.py (what SGLang itself reckons with: 1.5 MiB
for a token of a chunk, 2 MiB for a request in a graph). There is no log of the parts: the bands are wide.
"""

from __future__ import annotations

from llmmem.deployment import Deployment
from llmmem.engines import Amount, Band, exactly
from llmmem.engines.chunk import layer_bytes
from llmmem.engines.cuda import CONTEXT, CONTEXT_WHY, MIB, NCCL, NCCL_WHY
from llmmem.engines.plan import Share
from llmmem.engines.sglang.settings import Settings, Traits, graphs_mib
from llmmem.tensors import ModelSpec

#: entries of a request's table beyond its context
SPARE = 4
#: MiB kept back for embeddings of pictures
PICTURES = 100


def activations(spec: ModelSpec, share: Share, s: Settings, tp: int, item: int) -> list[Amount]:
    """A chunk in a layer, or the logits of a batch."""
    layer = layer_bytes(spec, share, s.chunk, tp, item)
    if not layer:
        return []
    logits = s.decode * spec.vocab_size * (item + 4)
    best = max(layer, logits)
    why = (
        f"a chunk of {s.chunk:,} tokens in a layer, or the logits of {s.decode:,} requests; SGLang itself reckons with"
        f" {1.5 * s.chunk:,.0f} MiB"
    )
    band = Band(best // 2, best, 2 * best)
    return [Amount("runtime", "activations", "activation peak", band, "estimated", lambda: why)]


def graphs(s: Settings, of: Traits, d: Deployment) -> Amount:
    """CUDA graphs of decoding and of chunks."""
    best = int(graphs_mib(s, of, d) * MIB)
    why = f"batches up to {s.decode:,} and {s.prefill_graphs} sizes of chunks: what SGLang sets aside for them"
    return Amount("runtime", "overhead", "CUDA graphs", Band(best // 4, best, 3 * best // 2), "estimated", lambda: why)


def context(several: bool) -> list[Amount]:
    """CUDA's context and communicators."""
    out = [Amount("runtime", "overhead", "CUDA context", CONTEXT, "measured", lambda: CONTEXT_WHY)]
    if several:
        out.append(Amount("runtime", "overhead", "NCCL", NCCL, "measured", lambda: NCCL_WHY))
    return out


def table(running: int, length: int, most: int, known: bool) -> Amount:
    """Where each request's tokens lie: 4 bytes for every position of every request that may run.

    Args:
        most: requests that may run however large the pools are.
        known: whether it is so many, whatever the pools' estimated size.
    """
    row = (length + SPARE) * 4
    size = (running + 1) * row
    why = f"4 bytes x {length:,} + {SPARE} positions x {running:,} requests that may run, and one more"
    basis = "exact" if known else "estimated"
    band = exactly(size) if known else Band(0, size, (max(running, most) + 1) * row)
    return Amount("runtime", "overhead", "token table", band, basis, lambda: why)
