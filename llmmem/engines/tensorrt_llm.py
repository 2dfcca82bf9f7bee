"""TensorRT-LLM 1.0: what of its rules is known.

Source: tensorrt_llm/_torch/pyexecutor/_util.py (KvCacheCreator: the pool is a share of what is free after a trial run)
and resource_manager.py (get_cache_size_per_token: latents are held whole by every rank), llmapi/llm_args.py (defaults).
"""

from __future__ import annotations

from llmmem.engines import Amount, Band, exactly
from llmmem.engines.paged import EVERY_TOKEN, PagedPlan
from llmmem.engines.plan import Share


class TensorRtLlmPlan(PagedPlan):
    """A model in TensorRT-LLM."""

    VERSION = "1.0"
    NAME = "TensorRT-LLM"
    PIPELINE = True
    KINDS = (*EVERY_TOKEN, "latent")
    CONVERSIONS = ("bf16", "fp8", "awq", "nvfp4")

    def block(self) -> int:
        """tokens_per_block."""
        return int(self.deployment.knob("tokens_per_block") or 32)

    def step(self) -> tuple[int, int]:
        """max_num_tokens, and as many requests as max_batch_size lets in."""
        d = self.deployment
        tokens, seqs = int(d.knob("max_num_tokens") or 8192), int(d.knob("max_batch_size") or 2048)
        return tokens, min(tokens, seqs)

    def share_of(self, size: int, beside: int) -> int:
        """A share of what is free."""
        return int(max(0, size - beside) * self._fraction)

    @property
    def _fraction(self) -> float:
        return float(self.deployment.knob("free_gpu_memory_fraction") or 0.9)

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """With what stays free for a pool of this size."""
        out = super().overhead(share, batch, context, cache, moving)
        if not cache:
            return out
        free = exactly(int(cache / self._fraction) + 1 - cache)
        why = f"the pool gets {100 * self._fraction:g} % of what is free: the rest of what this cache asks for"
        return [*out, Amount("runtime", "overhead", "left free", free, "estimated", lambda: why)]
