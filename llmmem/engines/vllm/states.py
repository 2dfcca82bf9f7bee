"""Recurrent layers in vLLM 0.33: the state of one request on one rank, and how many of them it holds.

Sources: layers/mamba/mamba_utils.py (MambaStateShapeCalculator, MambaStateDtypeCalculator), layers/mamba/abstract.py,
models/config.py (mamba_ssm_cache_dtype of Nemotron-H and Qwen3.5), layers/mamba/gdn and mamba_mixer2.py (prefill
checkpoints).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.dtypes import BITS, canonical
from llmmem.engines.mixers import b_and_c, mixer
from llmmem.engines.vllm.defaults import capability
from llmmem.errors import LayoutError
from llmmem.tensors import Block, Cache

#: tokens between the states FlashInfer's gated delta kernel can hand out
GDN_ALIGNMENT = 64


class State(NamedTuple):
    """The state of one layer."""

    #: of one request, not padded
    bytes: int
    #: tokens that blocks must be a multiple of where states are kept at their ends
    alignment: int
    #: states a request holds beyond the current one and the next where states are kept for prompts that come again
    checkpoints: int


def state(block: Block, compute: str, d: Deployment) -> State | None:
    """The state of one layer on one rank; None where it has none.

    Raises:
        LayoutError: heads or channels that the ranks cannot share.
    """
    kept = [c for c in block.caches if c.kind in ("conv", "state")]
    if not kept:
        return None
    kind, tp, given = mixer(block), d.tp, str(d.knob("mamba_ssm_cache_dtype"))
    groups = b_and_c(block)
    size = 0
    for cache in kept:
        channels = cache.heads + (groups.more(tp) if groups and cache.kind == "conv" else 0)
        if channels % tp:
            raise LayoutError(
                f"--tp {tp}: {channels:,} {'channels' if cache.kind == 'conv' else 'state heads'} cannot be shared"
                " evenly.",
                "Give a --tp that divides them.",
            )
        size += channels // tp * _elements(cache) * BITS[_dtype(cache, kind, compute, given)] // 8
    flashinfer = kind == "gdn" and capability(d.gpu)[0] in (9, 10, 12)
    return State(size, GDN_ALIGNMENT if flashinfer else 1, int(flashinfer or kind == "mamba2"))


def _dtype(cache: Cache, kind: str, compute: str, given: str) -> str:
    """Of a convolution the compute dtype; of a state as given, else as the config asks, else fp32 for Kimi's."""
    if cache.kind == "conv":
        return compute
    if given != "auto":
        return canonical(given)
    return cache.asked or ("fp32" if kind == "kda" else compute)


def _elements(cache: Cache) -> int:
    # A convolution over K tokens needs the K - 1 before the newest.
    return cache.size - 1 if cache.kind == "conv" else cache.size
