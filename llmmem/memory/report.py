"""MemoryReport: what a model needs on a deployment, line by line, with the basis of every number."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from functools import cached_property
from typing import Any, NamedTuple

from llmmem.deployment import Deployment
from llmmem.engines import Budget, CacheFacts, Line
from llmmem.engines.command import Command
from llmmem.engines.plan import Plan, Share
from llmmem.memory.attention import attention_kind
from llmmem.tensors import ModelSpec

GROUPS = ("weights", "kv_cache", "state", "activations", "image", "overhead")


class Rank(NamedTuple):
    """Bytes on one rank."""

    pp: int
    tp: int
    weights: int
    kv_cache: int
    state: int
    activations: int
    image: int
    overhead: int
    total: int


class MemoryReport:
    """The answer: what a model needs on a deployment. Sizes are bytes on the fullest rank; GiB is 2**30, GB 10**9.

    Attributes:
        spec: the model.
        deployment: how it is run.
        lines: every part with group, bytes, low, high, basis and why.
        cache: what the cache costs per token and request.
        ranks: bytes on each (pp, tp) rank.
    """

    def __init__(self, plan: Plan, *, reference: str = "", source: str = "", notes: tuple[str, ...] = ()) -> None:
        self.plan = plan
        self.spec: ModelSpec = plan.spec
        self.deployment: Deployment = plan.deployment
        self.reference = reference
        self.source = source
        self.notes = (*notes, *plan.spec.notes, *plan.notes, *_beyond(plan))
        self.lines: tuple[Line, ...] = tuple(plan.lines(self.deployment.batch, self.deployment.context))

    def _sum(self, group: str) -> int:
        if group in self.spec.unknown:
            self.plan.all_known()
        return sum(line.bytes for line in self.lines if line.group == group)

    @property
    def parameter_count(self) -> int:
        """Parameters of the loaded model, each tied tensor once."""
        return self.spec.parameters

    @property
    def model_type(self) -> str:
        """The config's model_type."""
        return self.spec.model_type

    @property
    def precision(self) -> str:
        """What the weights are stored as."""
        return self.plan.stored.precision

    @property
    def kv_precision(self) -> str:
        """What keys and values are cached as."""
        return self.plan.kv_dtype

    @cached_property
    def attention_type(self) -> str:
        """Kind of attention in a few words."""
        return attention_kind(self.spec)

    @property
    def weight_memory_bytes(self) -> int:
        """Weights."""
        return self._sum("weights")

    @property
    def kv_cache_bytes(self) -> int:
        """Keys and values (latents, cross attention) of all requests."""
        return self._sum("kv_cache")

    @property
    def state_memory_bytes(self) -> int:
        """Recurrent and convolution state of all requests."""
        return self._sum("state")

    @property
    def activation_memory_bytes(self) -> int:
        """Peak of the prefill beyond weights and cache."""
        return self._sum("activations")

    @property
    def image_memory_bytes(self) -> int:
        """What pictures add."""
        return self._sum("image")

    @property
    def overhead_bytes(self) -> int:
        """Context, workspaces, allocator slack; or the factor asked for."""
        return self._sum("overhead")

    @property
    def total_memory_bytes(self) -> int:
        """Everything, best guess."""
        self.plan.all_known()
        return sum(line.bytes for line in self.lines)

    @property
    def peak_low(self) -> int:
        """Low end of the total: of what is known, where a part is not."""
        return sum(line.low for line in self.lines)

    @property
    def peak_high(self) -> int:
        """High end of the total: what a verdict of "fits" is measured by."""
        self.plan.all_known()
        return sum(line.high for line in self.lines)

    def __getattr__(self, name: str) -> float:
        """``weight_memory_gb``, ``kv_cache_gib``, ... : any ``..._bytes`` in units of 10**9 or 2**30."""
        for suffix, unit in (("_gb", 10**9), ("_gib", 2**30)):
            attribute = name.removesuffix(suffix) + "_bytes"
            if name.endswith(suffix) and attribute in _BYTES:
                value: int = getattr(self, attribute)
                return value / unit
        raise AttributeError(f"MemoryReport has no attribute {name!r}")

    @property
    def recommended_gpu_memory_gb(self) -> float | None:
        """Marketing size ("80 GB") of the smallest GPU of the catalogue that holds the high end; None if none does."""
        from llmmem.gpus import catalogue

        sizes = (gpu.memory_gb / gpu.devices for gpu in catalogue() if gpu.usable_bytes >= self.peak_high)
        return min(sizes, default=None)

    @cached_property
    def budget(self) -> Budget | None:
        """How the engine shares out the GPU named; None where none is, or the engine reserves nothing."""
        return None if self.spec.unknown else self.plan.budget(self.deployment.context)

    def command(self) -> Command:
        """The command line that serves the plan, one for each node.

        Raises:
            UsageError: no command is known for the engine, or it cannot load the model so.
        """
        return self.plan.command(self.reference)

    @cached_property
    def cache(self) -> CacheFacts:
        """What the cache costs per token and per request."""
        return self.plan.facts(self.deployment.batch, self.deployment.context)

    @cached_property
    def ranks(self) -> tuple[Rank, ...]:
        """Bytes on each rank. Tensor parallel ranks are alike; each is as full as the fullest."""
        self.plan.all_known()
        d = self.deployment
        return tuple(self._rank(share, tp) for share in self.plan.shares for tp in range(d.tp))

    def _rank(self, share: Share, tp: int) -> Rank:
        sums = dict.fromkeys(GROUPS, 0)
        for amount in self.plan.amounts(share, self.deployment.batch, self.deployment.context):
            sums[amount.group] += amount.band.best
        return Rank(share.pp, tp, **sums, total=sum(sums.values()))

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data: what ``--json`` prints under "data", without "fit"."""
        spec, d, cache = self.spec, self.deployment, self.cache
        return {
            "model": {
                "id": self.reference,
                "source": self.source,
                "model_type": spec.model_type,
                "architecture": spec.architecture,
                "attention": self.attention_type,
                "parameters": spec.parameters,
                "active_parameters": spec.active_parameters,
                "layers": spec.layers,
                "max_context": spec.max_context,
            },
            "deployment": {
                "engine": d.engine,
                "precision": self.precision,
                "kv_precision": self.kv_precision,
                "batch": d.batch,
                "context": d.context if self.plan.CONTEXT else None,
                "tp": d.tp,
                "pp": d.pp,
                "ep": d.ep,
                "dp": d.dp,
                "images": d.images,
                "image_size": None if d.image_size is None else f"{d.image_size[1]}x{d.image_size[0]}",
                "video_frames": d.video_frames,
                "audio": d.audio,
            },
            "memory": {group: None if group in spec.unknown else self._sum(group) for group in GROUPS}
            | {"total": None if spec.unknown else self.total_memory_bytes},
            "peak": {"low": self.peak_low, "high": None if spec.unknown else self.peak_high},
            "cache": {
                name: None if spec.unknown else getattr(cache, name)
                for name in (
                    "bytes_per_token",
                    "bytes_per_request",
                    "window_floor",
                    "pool_bytes",
                    "pool_tokens",
                    "max_concurrency",
                )
            },
            "budget": self.budget._asdict() if self.budget else None,
            "lines": [line._asdict() for line in self.lines],
        } | ({} if self.plan.CONTEXT else {"stages": self.plan.stages(d.batch)})

    def __str__(self) -> str:
        gib = 1 << 30
        d = self.deployment
        head = f"{self.reference or self.model_type}: {self.parameter_count:,} parameters, {self.attention_type}"
        asked = f"{d.engine}, {self.precision}, {self.plan.asked(d.batch, d.context)}, tp {d.tp}"
        known = [group for group in GROUPS if group not in self.spec.unknown]
        rows = [f"  {group:12} {self._sum(group) / gib:10.2f} GiB" for group in known if self._sum(group)]
        if self.spec.unknown:
            rows += [f"  {group:12} {'unknown':>10}" for group in (*self.spec.unknown, "total")]
            return "\n".join([head, asked, *rows])
        total = f"  {'total':12} {self.total_memory_bytes / gib:10.2f} GiB"
        band = f" ({self.peak_low / gib:.2f} to {self.peak_high / gib:.2f})"
        return "\n".join([head, asked, *rows, total + band])


def _beyond(plan: Plan) -> tuple[str, ...]:
    """The note for a context longer than the model takes."""
    context, limit = plan.deployment.context + plan.media_tokens, plan.spec.max_context
    if limit is None or context <= limit or not plan.spec.vocab_size:
        return ()
    seen = f" ({plan.media_tokens:,} of them of pictures or sound)" if plan.media_tokens else ""
    return (f"the context of {context:,} tokens{seen} is beyond the {limit:,} positions that the config states",)


_BYTES = {
    "weight_memory_bytes",
    "kv_cache_bytes",
    "state_memory_bytes",
    "activation_memory_bytes",
    "image_memory_bytes",
    "overhead_bytes",
    "total_memory_bytes",
}
