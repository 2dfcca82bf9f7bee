"""Engines with a paged KV pool of which only the rough rules are known: everything but the pool's own is estimated."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from abc import abstractmethod

from llmmem.checkpoint import Stored
from llmmem.deployment import MOST_CONTEXT
from llmmem.dtypes import BITS, GGUF_RECIPES
from llmmem.engines import Amount, Band, Budget, CacheFacts, exactly
from llmmem.engines.chunk import layer_bytes
from llmmem.engines.cuda import CONTEXT, CONTEXT_WHY, MIB, NCCL, NCCL_WHY
from llmmem.engines.parallel import Ranks, rank_elements
from llmmem.engines.plan import Plan, Share
from llmmem.engines.transformers import check_layout
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.gpus import Gpu
from llmmem.tensors import Tensor

#: kinds whose layers keep every token here, windows or not
EVERY_TOKEN = ("full", "sliding", "chunked")
#: per cent that the weights may be less or more than the rules of parallel layers say
SPREAD = (99, 103)
GRAPHS = Band(100 * MIB, 600 * MIB, 2048 * MIB)


class PagedPlan(Plan):
    """A model in such an engine.

    Attributes:
        token: bytes of a token on a rank of each stage.
    """

    BY_GPU = True
    NAME: str
    #: kinds of cache whose layout is known
    KINDS: tuple[str, ...] = EVERY_TOKEN
    #: what --kv-precision may be
    KV = ("auto", "bf16", "fp16", "fp8")

    @abstractmethod
    def block(self) -> int:
        """Tokens of a block."""

    @abstractmethod
    def step(self) -> tuple[int, int]:
        """Tokens and requests of the trial run."""

    @abstractmethod
    def share_of(self, size: int, beside: int) -> int:
        """Bytes of a GPU of so many that the pool gets, with so many taken by everything else."""

    def check_layout(self) -> None:
        """Whole heads on each rank, caches whose layout is known."""
        d, spec = self.deployment, self.spec
        if spec.measured == "gguf" or d.precision in GGUF_RECIPES:
            raise UnsupportedArchitectureError(f"{self.NAME} reads no GGUF files.", "Use --engine llama.cpp.")
        for option, ranks in (("ep", d.ep), ("dp", d.dp), *(() if self.PIPELINE else (("pp", d.pp),))):
            if ranks > 1:
                raise LayoutError(f"--{option} {ranks}: not described here for {self.NAME}.", "Use --tp.")
        check_layout(spec, d.tp)
        kinds = {c.kind for b in spec.blocks if b.loaded for c in b.caches}
        if not kinds or kinds - set(self.KINDS):
            odd = ", ".join(sorted(kinds - set(self.KINDS))) or "it writes no text"
            raise UnsupportedArchitectureError(
                f"How {self.NAME} keeps this model's caches is not known here ({odd}).", "Use --engine vllm or sglang."
            )
        if d.kv_precision not in self.KV:
            raise UsageError(
                f"--kv-precision {d.kv_precision}: {self.NAME} has no such KV cache.", f"Give {', '.join(self.KV)}."
            )
        self.notes += (
            f"{self.NAME} {self.VERSION}: its rules are known in outline only, and not whether it has a class for"
            f" {spec.architecture[:60]}; all but the cache is estimated",
        )

    def loaded(self, stored: Stored) -> Stored:
        """As the checkpoint has them, give or take what kernels repack."""
        return stored._replace(basis="estimated", spread=SPREAD)

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """By parallel layers like vLLM's; the vocabulary in equal parts, rounded up."""
        tp = self.deployment.tp
        return rank_elements(component, tensor, Ranks(tp, tp, False), lambda rows: -(-rows // tp))

    def prepare(self) -> None:
        """Bytes of a token."""
        self.token = tuple(self._token(share) for share in self.shares)

    def _token(self, share: Share) -> int:
        tp, size = self.deployment.tp, 0
        for block in share.plain:
            for c in block.caches:
                if c.kind != "latent" and max(tp, c.heads) % min(tp, c.heads):
                    raise LayoutError(f"--tp {tp}: {c.heads} key/value heads cannot be shared.", "Give another --tp.")
                heads = 1 if c.kind == "latent" else max(1, c.heads // tp)
                size += len(block.layers) * heads * (c.key + c.value) * BITS[self.kv_dtype] // 8
        return size

    def paged(self, context: int) -> int:
        """Tokens of a request in whole blocks."""
        return -(-context // self.block()) * self.block()

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Blocks of every request; windows save nothing."""
        if not batch:
            return []
        token, held = self.token[share.pp], self.paged(context)
        why = f"{batch:,} requests x {held:,} tokens in blocks of {self.block()} x {token:,} bytes in all layers"
        return [Amount("language", "kv_cache", "KV cache", exactly(batch * held * token), "exact", lambda: why)]

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The trial run: its tokens in a layer, or the logits of its requests."""
        item, (tokens, seqs) = BITS[self.stored.compute] // 8, self.step()
        layer = layer_bytes(self.spec, share, tokens, self.deployment.tp, item)
        best = max(layer, seqs * self.spec.vocab_size * (item + 4))
        why = f"a trial run of {tokens:,} tokens in a layer, or the logits of {seqs:,} requests"
        band = Band(best // 2, best, 3 * best)
        return [Amount("runtime", "activations", "activation peak", band, "estimated", lambda: why)]

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """CUDA's context, communicators and graphs."""
        out = [Amount("runtime", "overhead", "CUDA context", CONTEXT, "measured", lambda: CONTEXT_WHY)]
        if self.deployment.tp * self.deployment.pp > 1:
            out.append(Amount("runtime", "overhead", "NCCL", NCCL, "measured", lambda: NCCL_WHY))
        why = "no log of them is known here: what other engines' graphs take"
        return [*out, Amount("runtime", "overhead", "CUDA graphs", GRAPHS, "estimated", lambda: why)]

    def beside(self, share: Share, context: int) -> int:
        """Everything but the pool on a rank of the stage."""
        return sum(a.band.best for a in self.amounts(share, 0, context))

    def pool_tokens(self, context: int) -> int | None:
        """Tokens of the pool, on the stage that holds fewest; None where no GPU is named."""
        gpu = self.deployment.gpu
        if gpu is None:
            return None
        rooms = [self.share_of(gpu.usable_bytes, self.beside(share, context)) for share in self.shares]
        tokens = min(room // token for room, token in zip(rooms, self.token, strict=True) if token)
        return max(0, tokens // self.block() * self.block())

    def facts(self, batch: int, context: int) -> CacheFacts:
        """Blocks, on the stage whose blocks are largest."""
        token, held = max(self.token), self.pool_tokens(context)
        pp = self.token.index(token)
        kept = sum(
            len(b.layers) * c.per_token // max(1, min(self.deployment.tp, c.heads)) * BITS[self.kv_dtype] // 8
            * min(context, c.window or context)
            for b in self.shares[pp].plain
            for c in b.caches
        )  # fmt: skip
        facts = CacheFacts(token, self.paged(context) * token, kept, bytes_per_block=self.block() * token)
        if held is None:
            return facts
        return facts._replace(
            num_blocks=held // self.block(),
            pool_bytes=held * token,
            pool_tokens=held,
            max_concurrency=held / self.paged(context),
        )

    def budget(self, context: int) -> Budget | None:
        """The whole GPU; None where none is named."""
        gpu, held = self.deployment.gpu, self.pool_tokens(context)
        if gpu is None or held is None:
            return None
        pp = self.token.index(max(self.token))
        parts = dict.fromkeys(("weights", "activations", "graphs", "context", "other"), 0)
        names = {"CUDA graphs": "graphs", "CUDA context": "context", "NCCL": "context"}
        for amount in self.amounts(self.shares[pp], 0, context):
            group = amount.group if amount.group in parts else names.get(amount.label, "other")
            parts[group] += amount.band.best
        pool = held * max(self.token)
        room = self.share_of(gpu.usable_bytes, sum(parts.values()))
        reserved = gpu.usable_bytes - sum(parts.values()) - room
        longest = min(held, self.spec.max_context or MOST_CONTEXT)
        requests = held / self.paged(context)
        return Budget(gpu.usable_bytes, reserved, **parts, pool=pool, left=room - pool, tokens=held,
                      requests=requests, longest_context=longest)  # fmt: skip

    def usable(self, gpu: Gpu) -> int:
        """All of it, unless the engine says otherwise."""
        return gpu.usable_bytes
