"""Recurrent layers in vLLM 0.33: the state of one request on one rank, and how many of them it holds.

Sources: layers/mamba/mamba_utils.py (MambaStateShapeCalculator, MambaStateDtypeCalculator), layers/mamba/abstract.py,
models/config.py (mamba_ssm_cache_dtype of Nemotron-H and Qwen3.5), layers/mamba/gdn and mamba_mixer2.py (prefill
checkpoints).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.deployment import Deployment
from llmmem.dtypes import BITS, canonical
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


class Groups(NamedTuple):
    """Mamba-2's B and C, shared by the heads of a group: ranks beyond the groups hold copies."""

    groups: int
    #: rows of B and of C of one group
    rows: int

    def more(self, tp: int) -> int:
        """Rows of the projection and the convolution that copies add, all ranks together."""
        return 0 if self.groups % tp == 0 else 2 * self.rows * (tp - self.groups)


def mixer(block: Block) -> str:
    """gdn, kda, mamba2 or other."""
    names = {t.name.rpartition(".weight")[0].rpartition(".")[2] for t in block.tensors}
    if "in_proj_qkvz" in names or "in_proj_qkv" in names:
        return "gdn"
    if {"q_conv1d", "f_a_proj"} <= names or {"q_conv1d", "f_proj"} <= names:
        return "kda"
    return "mamba2" if b_and_c(block) else "other"


def b_and_c(block: Block) -> Groups | None:
    """The groups of a Mamba-2 mixer, read off its convolution; None where there is no such mixer."""
    channels = next((c.heads for c in block.caches if c.kind == "conv"), 0)
    state = next((c for c in block.caches if c.kind == "state"), None)
    decay = next((t for t in block.tensors if t.name.endswith("A_log")), None)
    out = next((t for t in block.tensors if t.name.endswith("out_proj.weight") and t.shard is not None), None)
    if not channels or state is None or decay is None or out is None or len(decay.shape) != 1:
        return None
    inner = out.shape[out.shard or 0]
    if decay.shape[0] != state.heads or channels <= inner or inner % state.heads:
        return None
    size = state.size * state.heads // inner
    return Groups((channels - inner) // (2 * size), size)


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
