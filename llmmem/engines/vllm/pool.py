"""The KV pool of vLLM 0.33: bytes of a block, blocks of a request, and what a budget holds.

Sources: v1/core/kv_cache_planning.py (_max_memory_usage_bytes_from_groups, get_kv_cache_configs: all stages get as many
blocks as the one with fewest, one of which stays empty), v1/core/kv_cache_utils.py (get_kv_cache_capacity).
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from typing import NamedTuple

from llmmem.engines.vllm.groups import Group
from llmmem.engines.vllm.specs import Load


class Capacity(NamedTuple):
    """What a pool holds."""

    blocks: int
    tokens: int
    concurrency: float


class Pool(NamedTuple):
    """The groups of a model on its stages."""

    groups: tuple[Group, ...]
    stages: int

    def block_bytes(self, pp: int) -> int:
        """Bytes of a block on a rank of a stage: those of the widest group."""
        return max((group.block_bytes(pp) for group in self.groups), default=0)

    @property
    def widest(self) -> int:
        """The stage whose blocks are largest: it decides how many there are."""
        return max(range(self.stages), key=self.block_bytes)

    def request_blocks(self, load: Load) -> int:
        """Blocks one request of this load holds at most; the pool must have so many beside the empty one."""
        return sum(group.blocks(load) for group in self.groups)

    def floor(self, context: int, encoder: int, pp: int) -> int:
        """Bytes the layers of a stage must remember of one request."""
        return sum(
            layer.spec.floor(context, encoder) for group in self.groups for layer in group.layers if layer.pp == pp
        )

    def growth(self, load: Load, pp: int) -> int:
        """Bytes one more token of one request takes, blocks shared out evenly among their tokens."""
        each = self.block_bytes(pp) // load.shards
        return sum(
            each // group.layers[0].spec.block for group in self.groups if any(g.spec.grows(load) for g in group.layers)
        )

    def capacity(self, blocks: int, load: Load) -> Capacity:
        """Tokens and requests of so many blocks, as the start-up log prints them."""
        concurrency = blocks / max(1, self.request_blocks(load))
        return Capacity(blocks, int(concurrency * load.context), concurrency)
