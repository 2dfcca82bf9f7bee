"""vLLM 0.33: the plan of one model on one deployment."""

from __future__ import annotations

from collections.abc import Hashable
from math import ceil

from llmmem.checkpoint import Stored
from llmmem.checkpoint.said import Said, said
from llmmem.deployment import Deployment
from llmmem.dtypes import BITS
from llmmem.engines import Amount, Band, Budget, CacheFacts, exactly
from llmmem.engines.command import Command
from llmmem.engines.plan import Plan, Share
from llmmem.engines.terms import LABELS
from llmmem.engines.vllm import peak
from llmmem.engines.vllm.budget import budget
from llmmem.engines.vllm.command import command
from llmmem.engines.vllm.defaults import ASSUMED, capability, picked, step
from llmmem.engines.vllm.groups import Group, grouped
from llmmem.engines.vllm.layers import Caches
from llmmem.engines.vllm.layout import check_layout
from llmmem.engines.vllm.load import loaded, refuse
from llmmem.engines.vllm.pool import Pool
from llmmem.engines.vllm.specs import Load
from llmmem.engines.vllm.supported import check
from llmmem.engines.vllm.weights import rank_elements
from llmmem.gpus import Gpu
from llmmem.tensors import ModelSpec, Tensor


class VllmPlan(Plan):
    """A model in vLLM."""

    VERSION = "0.33"
    BY_GPU = True
    PIPELINE = True
    MEDIA = True
    NODES = True
    CONVERSIONS = ("bf16", "fp8", "int8", "awq", "nvfp4")

    def __init__(self, spec: ModelSpec, deployment: Deployment) -> None:
        # What states no dtype or 32 bits is loaded in 16 (config/model.py, _resolve_auto_dtype).
        if deployment.precision == "auto" and spec.dtype in (None, "float32", "fp32", "torch.float32", "float64"):
            spec = spec._replace(dtype="bfloat16")
        self.said = said(spec) if deployment.precision == "auto" else Said()
        super().__init__(spec, deployment)

    def check_layout(self) -> None:
        """Heads, stages and experts as vLLM shares them."""
        self.notes += check(self.spec)
        refuse(self.said)
        check_layout(self.spec, self.deployment)

    def loaded(self, stored: Stored) -> Stored:
        """As create_weights of each layer's class makes them."""
        return loaded(stored, self.deployment, self.said.method)

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """By vLLM's parallel layers."""
        return rank_elements(component, tensor, self.deployment)

    def prepare(self) -> None:
        """The KV cache's groups, and the notes."""
        d = self.deployment
        if d.kv_precision == "auto" and self.said.cache:
            self.kv_dtype = self.said.cache
        self.caching = Caches(self.spec, self.shares, d, self.stored.compute, self.kv_dtype)
        self.pool = Pool(grouped(self.caching.layers), d.pp)
        self.most_batch = step(d, d.context).seqs * d.dp
        if d.gpu is None:
            self.notes += (f"vLLM's defaults depend on the GPU; those of {ASSUMED} are taken where --gpu names none",)
        if self.caching.assumed and d.gpu is not None:
            self.notes += (
                f"the kernels of latent attention on {d.gpu.id} are not known (it states no CUDA compute capability):"
                " the blocks of the cache are estimated",
            )

    def load(self, context: int) -> Load:
        """A request of ``context`` tokens as the planner sees it."""
        d = self.deployment
        sizes = step(d, context)
        shards = int(d.knob("decode_context_parallel_size") or 1)
        return Load(context + self.media_tokens, sizes.in_flight(d.pp), sizes.tokens, shards)

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Blocks for ``batch`` requests of ``context`` tokens, and the empty one."""
        if not self.pool.groups:
            return []
        load, each = self.load(context), self.pool.block_bytes(share.pp)
        requests = -(-batch // self.deployment.dp)
        counts: dict[str, list[Group]] = {}
        for group in self.pool.groups:
            counts.setdefault(group.kind, []).append(group)
        out = []
        for i, (kind, groups) in enumerate(counts.items()):
            blocks, own = sum(group.blocks(load) for group in groups), i == 0
            size = (requests * blocks + own) * each
            band = self._assumed(size, requests * len(groups), own, each) if self.caching.assumed else exactly(size)
            why = self._cache_why(groups, blocks, each, requests, load)
            out.append(
                Amount(
                    "decoder" if kind == "cross" else "language",
                    "state" if kind == "state" else "kv_cache",
                    LABELS.get(kind.removeprefix("sliding_"), LABELS["sliding"]),
                    band,
                    "estimated" if self.caching.assumed else "exact",
                    lambda why=why: why,  # type: ignore[misc]
                )
            )
        return out

    def _assumed(self, size: int, requests: int, own: bool, each: int) -> Band:
        """Where the kernels are not known: blocks of a token to 64 tokens; fp8 packed with scales, or plain."""
        low, wider = max(0, size - (requests + own) * each), max(0, 64 // self.caching.block - 1)
        if self.caching.kv_dtype == "fp8_ds_mla":
            low = low * 576 // 656
        return Band(low, size, size + (requests + own) * wider * each)

    def _cache_why(self, groups: list[Group], blocks: int, each: int, requests: int, load: Load) -> str:
        spec = groups[0].layers[0].spec
        held = f"{blocks:,} blocks of {spec.block:,} tokens in {len(groups)} group{'s'[: len(groups) > 1]}"
        if spec.kind == "state":
            held = f"{blocks:,} blocks, {spec.states} states in each of {len(groups)} groups"
        window = f", the window of {spec.window:,} and {load.in_flight:,} tokens in flight" if spec.window else ""
        return f"{held}{window}; {each:,} bytes a block x {requests:,} requests, and one empty block"

    def facts(self, batch: int, context: int) -> CacheFacts:
        """Blocks and the pool, on the stage whose blocks are largest."""
        pool, load = self.pool, self.load(context)
        if not pool.groups:
            return CacheFacts(0, 0, 0)
        pp = pool.widest
        each, request = pool.block_bytes(pp), pool.request_blocks(load)
        encoder = self.deployment.encoder_length or self.spec.encoder_length or load.context
        facts = CacheFacts(
            pool.growth(load, pp), each * request, pool.floor(load.context, encoder, pp), bytes_per_block=each
        )
        blocks = self.pool_blocks(context)
        if blocks is None:
            return facts
        held = pool.capacity(blocks, load)
        return facts._replace(
            num_blocks=blocks, pool_bytes=blocks * each, pool_tokens=held.tokens, max_concurrency=held.concurrency
        )

    def pool_blocks(self, context: int) -> int | None:
        """Blocks of the pool: all stages have as many as the one with fewest. None where the budget is not known."""
        given = self.deployment.knob("kv_cache_memory_bytes")
        if given is not None:
            return int(given) // self.pool.block_bytes(self.pool.widest)
        if self.deployment.gpu is None:
            return None
        left = [self.requested - self.beside(share, context).best for share in self.shares]
        sizes = [self.pool.block_bytes(share.pp) for share in self.shares]
        return max(0, min(room // size for room, size in zip(left, sizes, strict=True) if size))

    @property
    def requested(self) -> int:
        """Bytes of the GPU that vLLM may take, all of its own included."""
        gpu = self.deployment.gpu
        return ceil(gpu.usable_bytes * float(self.deployment.knob("gpu_memory_utilization") or 0)) if gpu else 0

    def beside(self, share: Share, context: int) -> Band:
        """Everything but the pool on a rank of the stage."""
        amounts = self.amounts(share, 0, context)
        total = Band(0, 0, 0)
        for amount in amounts:
            if amount.group not in ("kv_cache", "state"):
                total += amount.band
        return total

    def budget(self, context: int) -> Budget | None:
        """The whole GPU; None where none is named, and for models that cache nothing."""
        gpu = self.deployment.gpu
        return None if gpu is None or not self.pool.groups else budget(self, gpu, context)

    def tokens_in(self, pool: int, context: int) -> int | None:
        """As the start-up log would print them."""
        each = self.pool.block_bytes(self.pool.widest)
        return self.pool.capacity(pool // each, self.load(context)).tokens if each else None

    def pool_spread(self, context: int) -> tuple[int, int]:
        """As much as everything beside it may be larger and smaller; a pool of given size has none."""
        if self.deployment.knob("kv_cache_memory_bytes") is not None:
            return 0, 0
        band = self.beside(self.shares[self.pool.widest], context)
        return band.high - band.best, band.best - band.low

    def command(self, reference: str) -> Command:
        """vllm serve."""
        # A request's pictures are part of its length.
        d = self.deployment
        return command(d._replace(context=d.context + self.media_tokens), reference)

    def kind(self, gpu: Gpu) -> Hashable:
        """Sizes of a step, and backends by compute capability."""
        return picked(gpu), capability(gpu)

    def usable(self, gpu: Gpu) -> int:
        """The share of the GPU that vLLM may fill; with a pool of given size, all but what it leaves unused."""
        given = self.deployment.knob("kv_cache_memory_bytes")
        if given is None:
            return ceil(gpu.usable_bytes * float(self.deployment.knob("gpu_memory_utilization") or 0))
        most = max(self.beside(share, self.deployment.context).high for share in self.shares) + int(given)
        # Where the pool leaves too little for the rest, vLLM does not start, however small the load.
        return most if most <= gpu.usable_bytes else gpu.usable_bytes - int(given)

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The peak of the profile run, which does not depend on the load."""
        return peak.activations(self, share, context)

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """CUDA graphs, CUDA's context, NCCL, and what else is not PyTorch's."""
        return peak.beside(self, share, context)

    def item(self) -> int:
        """Bytes of one element of the compute dtype."""
        return BITS[self.stored.compute] // 8
