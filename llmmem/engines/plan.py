"""Plan: a model stored and split as a deployment asks, the frame every engine fills with its own rules.

What does not change with batch and context is worked out on construction. What is left is arithmetic over a handful of
terms, so a grid of batches, contexts and GPUs costs next to nothing.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from copy import copy
from typing import Any, NamedTuple

from llmmem.checkpoint import Stored, store
from llmmem.deployment import MOST_BATCH, Deployment
from llmmem.dtypes import nbytes
from llmmem.engines import NOTHING, Amount, Band, Budget, CacheFacts, Line, exactly
from llmmem.engines.command import Command
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.gpus import Gpu
from llmmem.media.request import Medium, asked_for, media_of
from llmmem.tensors import EXTRA, UNTIED, Block, ModelSpec, Tensor

#: the stacks that parallelism cuts, as opposed to towers and what joins them
TEXT = ("language", "encoder", "decoder")
#: in the files, and perhaps in memory
MAYBE = (UNTIED, EXTRA)


class Weights(NamedTuple):
    """Weights of one component on one rank."""

    component: str
    bytes: int
    parameters: int
    dtypes: dict[str, int]


class Share(NamedTuple):
    """What one pipeline stage holds; its tensor parallel ranks are alike, and this is the fullest of them."""

    pp: int
    #: the loaded blocks of the stage as the model has them, and as they are stored
    plain: tuple[Block, ...]
    stored: tuple[Block, ...]
    weights: tuple[Weights, ...]


class Plan(ABC):
    """A model on a deployment, as one engine would run it. Sizes are bytes on the fullest rank.

    Attributes:
        spec: the model.
        deployment: how it is run.
        stored: the model with the dtype of every tensor.
        kv_dtype: what keys and values are cached as.
        shares: what each pipeline stage holds.
        notes: what the user should know about this plan.

    Raises (on construction):
        LayoutError: the model cannot be split so.
        UnsupportedArchitectureError: the engine does not run it, or it is stored in a way llmmem does not know.
        UsageError: an option the model or the engine does not take.
    """

    #: the version whose rules these are
    VERSION: str
    #: requests the engine runs at once whatever the memory
    most_batch: int = MOST_BATCH
    #: precisions it loads that a model may be converted to, from the largest to the smallest
    CONVERSIONS: tuple[str, ...] = ("bf16", "fp8", "int8", "awq", "nf4")
    #: whether its plan depends on the GPU
    BY_GPU = False
    #: whether it runs pipeline stages, and whether those may be on other nodes
    PIPELINE = False
    NODES = False
    #: the option that says how many layers a GPU holds while the host has the rest; None: all or nothing
    OFFLOAD: str | None = None
    #: options of the engine that save memory, as (name, value), from the cheapest to the slowest
    SAVINGS: tuple[tuple[str, str | bool], ...] = ()
    #: whether a request has a context that a cache grows with
    CONTEXT = True
    #: whether it is known what it needs for pictures, films and sound
    MEDIA = False

    def __init__(self, spec: ModelSpec, deployment: Deployment) -> None:
        self.spec = spec
        self.deployment = deployment
        self.notes: tuple[str, ...] = ()
        if spec.unknown and deployment.tp * deployment.pp > 1:
            raise LayoutError(
                "How the model is split over ranks is unknown, because its architecture is.", "Leave out --tp and --pp."
            )
        self.check_layout()
        self.media = self._media()
        self.stored: Stored = self.loaded(self.storage())
        compute = self.stored.compute
        self.kv_dtype = compute if deployment.kv_precision == "auto" else deployment.kv_precision
        self.shares = tuple(self._share(pp) for pp in range(deployment.pp))
        self.prepare()
        self._totals: dict[tuple[int, int], Band] = {}
        self._kin: dict[Hashable, Plan] = {}

    # What an engine says.

    @abstractmethod
    def check_layout(self) -> None:
        """Raise LayoutError where the model or the engine cannot be split as asked."""

    @abstractmethod
    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """Elements of the tensor (all copies) on the fullest tensor parallel rank, as the engine loads it.

        Raises:
            LayoutError: the axis cannot be shared so.
        """

    def storage(self) -> Stored:
        """The checkpoint with the dtype of every tensor, as it is or as it is converted for the engine."""
        return store(self.spec, self.deployment.precision)

    def loaded(self, stored: Stored) -> Stored:
        """The checkpoint's tensors as the engine holds them; as they are, unless it says otherwise."""
        return stored

    def tensor_bytes(self, component: str, tensor: Tensor) -> int:
        """Bytes of the tensor (all copies) in one layer on the fullest rank."""
        return nbytes(self.rank_elements(component, tensor), tensor.dtype or "fp32")

    def prepare(self) -> None:  # noqa: B027 # not every engine has something to prepare
        """Work out what does not change with batch and context."""

    @abstractmethod
    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Keys, values and state that the engine holds for ``batch`` requests of ``context`` tokens."""

    @abstractmethod
    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Activations, and what pictures add: the peak beyond weights and caches."""

    @abstractmethod
    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """What stands beside the model: context, graphs, workspaces, slack."""

    @abstractmethod
    def facts(self, batch: int, context: int) -> CacheFacts:
        """What the cache costs per token and request, and the pool a GPU has for it."""

    def asked(self, batch: int, context: int) -> str:
        """What is asked of the model, for people."""
        return f"{self.kv_dtype} cache, batch {batch:,}, context {context:,}"

    def stages(self, batch: int) -> list[dict[str, Any]]:
        """What the model does one after another, where that is more than one thing, as plain data."""
        return []

    def held(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Weights in memory at the peak; all of them, unless the engine takes turns with them."""
        return self._weight_amounts(share)

    def budget(self, context: int) -> Budget | None:
        """How the engine shares out the GPU it runs on; None where it has none, or reserves nothing."""
        return None

    def command(self, reference: str) -> Command:
        """The command line that serves the plan.

        Args:
            reference: the model as the user named it.

        Raises:
            UsageError: no command is known for the engine, or it cannot load the model so.
        """
        raise UsageError(
            f"No command is known for {self.deployment.engine}.", "There are commands for vllm, sglang and llama.cpp."
        )

    def tokens_in(self, pool: int, context: int) -> int | None:
        """Tokens that a KV pool of so many bytes holds; None where the engine has none, or no rule for it."""
        return None

    def pool_spread(self, context: int) -> tuple[int, int]:
        """Bytes by which a GPU's pool may be smaller and larger than said, because of what is estimated beside it."""
        return 0, 0

    def logged(self, batch: int, context: int) -> dict[str, Band]:
        """What a start-up log may print, in bytes by the names of engines.log."""
        share = self.fullest(batch, context)
        out: dict[str, Band] = {}
        # What is made while loading counts as weights there.
        names = {"CUDA graphs": "graphs", "non-torch": "non_torch"}
        names |= dict.fromkeys(("rotary tables", "experts repacked"), "weights")
        for amount in self.amounts(share, batch, context):
            name = names.get(amount.label) if amount.group == "overhead" else amount.group
            if name:
                out[name] = out.get(name, NOTHING) + amount.band
        return out

    def usable(self, gpu: Gpu) -> int:
        """Bytes of a GPU that the engine may fill."""
        return gpu.usable_bytes

    def kind(self, gpu: Gpu) -> Hashable:
        """What of a GPU the plan depends on, its size as a whole apart; GPUs of one kind have one plan."""
        return gpu

    def extra(self, share: Share) -> list[Amount]:
        """Weights that are in no tensor of the checkpoint (rotary tables, copies)."""
        return []

    # What follows from it.

    def needs_context(self, option: str) -> None:
        """That a context means something to this model.

        Raises:
            UsageError: it does not.
        """
        if not self.CONTEXT:
            raise UsageError(
                f"{option} means nothing for {self.spec.architecture}: it has no context that a cache grows with.",
                "Leave it out; what is made is sized by --height, --width and --frames.",
            )

    def _media(self) -> tuple[Medium, ...]:
        """Pictures, films and sounds of a request.

        Raises:
            LayoutError: the model takes none, or what the engine needs for them is not known.
            UnsupportedArchitectureError: how many tokens they become is not known.
        """
        option = asked_for(self.deployment)
        if option and not self.MEDIA:
            engine = self.deployment.engine
            raise LayoutError(
                f"{option}: what {engine} computes them with is not known.",
                f"Leave {option} out and add the tokens to --context, or give --engine transformers.",
            )
        return media_of(self.spec, self.deployment) if option else ()

    @property
    def media_tokens(self) -> int:
        """Tokens that the media of a request become."""
        return sum(m.tokens for m in self.media)

    def on(self, gpu: Gpu) -> "Plan":
        """The plan for another GPU; those of one kind share all that is worked out."""
        if not self.BY_GPU or self.deployment.gpu == gpu:
            return self
        deployment, kind = self.deployment._replace(gpu=gpu), self.kind(gpu)
        if kind not in self._kin:
            self._kin[kind] = type(self)(self.spec, deployment)
        made = copy(self._kin[kind])
        made.deployment = deployment
        return made

    def amounts(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Everything on a rank of the stage."""
        caches, moving = self.caches(share, batch, context), self.moving(share, batch, context)
        held = [*self.held(share, batch, context), *caches, *moving]
        factor = self.deployment.overhead
        if factor is None:
            cache = sum(c.band.best for c in caches)
            return held + self.overhead(share, batch, context, cache, _sum(moving))
        whole = _sum(held).best
        band = exactly(int(whole * factor) - whole)
        why = f"--overhead {factor:g}: {(factor - 1) * 100:g} % of everything else, as asked"
        return [*held, Amount("runtime", "overhead", "overhead", band, "estimated", lambda: why)]

    def all_known(self) -> None:
        """That no part of the total is unknown.

        Raises:
            UnsupportedArchitectureError: one is.
        """
        if self.spec.unknown == ("activations",):
            raise UnsupportedArchitectureError(
                f"What {self.spec.architecture} needs beside its weights is not known.",
                "Weights alone: see the lines of llmmem calc.",
            )
        if self.spec.unknown:
            raise UnsupportedArchitectureError(
                f"Only the weights of this model are known: {self.spec.architecture} is not described.",
                "Take it for an architecture like it with --as TYPE.",
            )

    def total(self, batch: int, context: int) -> Band:
        """Everything that is known on the fullest rank; worked out once for each batch and context."""
        key = (batch, context)
        if key not in self._totals:
            totals = [_sum(self.amounts(share, batch, context)) for share in self.shares]
            self._totals[key] = max(totals, key=lambda band: band.high)
        return self._totals[key]

    def fullest(self, batch: int, context: int) -> Share:
        """The stage whose ranks hold most."""
        return max(self.shares, key=lambda share: _sum(self.amounts(share, batch, context)).high)

    def lines(self, batch: int, context: int, share: Share | None = None) -> list[Line]:
        """The report's lines for a stage, the fullest unless another is named."""
        share = share or self.fullest(batch, context)
        return [amount.line() for amount in self.amounts(share, batch, context)]

    def weight_bytes(self, share: Share) -> int:
        """Weights on a rank of the stage."""
        return sum(w.bytes for w in share.weights) + _sum(self.extra(share)).best

    def block_sizes(self) -> list[tuple[Block, list[int]]]:
        """Every stored block and the bytes of each of its tensors, all layers together, on the fullest rank."""
        out = []
        for block in self.stored.spec.blocks:
            sizes = [self.tensor_bytes(block.component, t) * len(block.layers) for t in block.tensors]
            out.append((block, sizes))
        return out

    def stage_layers(self, layers: int) -> list[range]:
        """Which layers each pipeline stage runs; the remainder goes to the stages before the last one, from behind
        (vLLM 0.33, distributed/utils.py, get_pp_indices).
        """
        pp = self.deployment.pp
        counts = [layers // pp] * pp
        for i in range(2, layers % pp + 2):
            counts[-i] += 1
        ends = [sum(counts[: i + 1]) for i in range(pp)]
        return [range(end - count, end) for end, count in zip(ends, counts, strict=True)]

    def _share(self, pp: int) -> Share:
        plain = self._stage([b for b in self.spec.blocks if b.loaded], pp)
        # A head that the class ties is loaded as well where a checkpoint holds one apart; what no class has may be.
        held = [b for b in self.stored.spec.blocks if b.loaded or b.component in MAYBE]
        stored = self._stage(held, pp)
        # What a stored matrix stands for is counted before it is packed.
        counts = {name: self._parameters(name, blocks) for name, blocks in by_component(plain).items()}
        weights = [
            self._weights(name, blocks, counts.get(name, 0))
            for name, blocks in by_component(stored).items()
            if name != UNTIED
        ]
        for block in (b for b in stored if b.component == UNTIED):
            apart = self._weights("decoder", [block], block.elements() // self.deployment.tp)
            weights.append(apart._replace(component=UNTIED))
        return Share(pp, plain, tuple(b for b in stored if b.loaded), tuple(weights))

    def _stage(self, blocks: Sequence[Block], pp: int) -> tuple[Block, ...]:
        """The blocks of one pipeline stage: its layers, what comes before them on the first, what follows on the last.

        Raises:
            LayoutError: more stages than layers, or a model of two stacks.
        """
        if self.deployment.pp == 1:
            return tuple(blocks)
        layers = self.spec.layers
        if self.deployment.pp > layers:
            raise LayoutError(
                f"--pp {self.deployment.pp}: the model has {layers} layers.", "Give a --pp of at most so many."
            )
        mine = self.stage_layers(layers)[pp]
        out = []
        for block in blocks:
            if block.component == "language" and "{}" in block.prefix:
                here = [i for i in block.layers if i in mine]
                out += [block._replace(layers=tuple(here))] if here else []
                continue
            tensors = tuple(t for t in block.tensors if pp in self._stages_of(block, t))
            out += [block._replace(tensors=tensors)] if tensors else []
        return tuple(out)

    def _stages_of(self, block: Block, tensor: Tensor) -> tuple[int, ...]:
        """The stages that hold a tensor outside the layers."""
        last = self.deployment.pp - 1
        if block.component != "language" or tensor.role not in ("head", "norm", "embedding"):
            return (0,)
        if tensor.role == "embedding":  # a tied table is needed where the answer is written, too
            return (0, last) if self.spec.tied else (0,)
        return (last,)

    def _parameters(self, component: str, blocks: Iterable[Block]) -> int:
        return sum(
            self.rank_elements(component, t) * len(block.layers)
            for block in blocks
            for t in block.tensors
            if t.role not in ("scale", "buffer")
        )

    def _weights(self, component: str, blocks: Iterable[Block], parameters: int) -> Weights:
        size = 0
        dtypes: Counter[str] = Counter()
        for block in blocks:
            layers = len(block.layers)
            for t in block.tensors:
                size += self.tensor_bytes(component, t) * layers
                dtypes[t.dtype or "fp32"] += self.rank_elements(component, t) * layers
        return Weights(component, size, parameters, dict(dtypes))

    def _weight_amounts(self, share: Share) -> list[Amount]:
        out = []
        for w in share.weights:
            if w.component in MAYBE:
                band, basis = Band(0, w.bytes, w.bytes), "estimated"
            else:
                basis = self.stored.basis
                low, high = (w.bytes * percent // 100 for percent in self.stored.spread)
                band = Band(low, w.bytes, high)
            out.append(Amount(w.component, "weights", "weights", band, basis, lambda w=w: self._weight_why(w)))  # type: ignore[misc]
        return out + self.extra(share)

    def _weight_why(self, w: Weights) -> str:
        by = ", ".join(f"{size:,} {dtype}" for dtype, size in sorted(w.dtypes.items(), key=lambda i: -i[1]))
        ranks = self.deployment.tp * self.deployment.pp
        split = f" on each of {ranks} ranks" if ranks > 1 else ""
        if self.deployment.pp > 1:
            split = f" on the fullest of {ranks} ranks"
        why = f"{w.parameters:,} parameters{split} ({by} elements): {self.stored.why}"
        if w.component == UNTIED:
            why += "; the class ties this head, published checkpoints of its kin hold one apart, which is loaded too"
        if w.component == EXTRA:
            why += "; the architecture has none of it, so it counts from nothing to all of it"
        return why


def by_component(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    """Blocks by the component they belong to."""
    out: dict[str, list[Block]] = {}
    for block in blocks:
        out.setdefault(block.component, []).append(block)
    return out


def _sum(amounts: Iterable[Amount]) -> Band:
    total = NOTHING
    for amount in amounts:
        total += amount.band
    return total
