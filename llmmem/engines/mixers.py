"""Recurrent mixers, told apart by their tensors: what decides how an engine keeps their state."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.tensors import Block, Tensor


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


def longer(t: Tensor, rows: int) -> Tensor:
    """With the copies of Mamba-2's B and C that ranks beyond its groups hold."""
    if t.shard is None:
        return t
    shape = list(t.shape)
    shape[t.shard] += rows
    return t._replace(shape=tuple(shape))
