"""Text Generation Inference 3: what of its rules is known.

Source: server/text_generation_server/models/flash_causal_lm.py (warmup, init_kv_cache) and models/globals.py of
releases 2 and 3: the pool is what the share of the GPU leaves after a trial prefill, less a tenth.
"""

from __future__ import annotations

from math import ceil

from llmmem.engines.paged import PagedPlan
from llmmem.gpus import Gpu

#: TGI_WIGGLE_ROOM: what of its share it uses
ROOM = 0.90


class TgiPlan(PagedPlan):
    """A model in TGI."""

    VERSION = "3"
    NAME = "TGI"
    CONVERSIONS = ("bf16", "fp8", "int8", "nf4")

    def block(self) -> int:
        """FlashInfer's, flash decoding's or the paged kernels'."""
        return int(self.deployment.knob("block_size") or 1)

    def step(self) -> tuple[int, int]:
        """--max-batch-prefill-tokens; every request of it is a token at least."""
        return int(self.deployment.knob("max_batch_prefill_tokens") or 4096), 1

    def share_of(self, size: int, beside: int) -> int:
        """What the share leaves."""
        return max(0, self._part(size) - beside)

    def _part(self, size: int) -> int:
        return ceil(size * ROOM * float(self.deployment.knob("cuda_memory_fraction") or 1))

    def usable(self, gpu: Gpu) -> int:
        """Its share of the GPU."""
        return self._part(gpu.usable_bytes)
