"""Sizing: everything about a model on a deployment that does not change with batch and context, worked out once.

What is left is arithmetic over a handful of terms, so a grid of batches, contexts and GPUs costs next to nothing.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections import Counter
from collections.abc import Iterable
from types import ModuleType
from typing import NamedTuple

from llmmem.checkpoint import Stored, store
from llmmem.deployment import Deployment
from llmmem.dtypes import BITS, nbytes
from llmmem.engines import Band, Line, Stage, engine
from llmmem.errors import UsageError
from llmmem.memory.images import image_grid
from llmmem.tensors import UNTIED, Block, Cache, ModelSpec

#: kinds of cache that are state rather than keys and values
STATE = ("conv", "state")

_CACHE_LABELS = {
    "full": "KV cache",
    "sliding": "KV cache, sliding window",
    "chunked": "KV cache, chunked attention",
    "latent": "KV cache, latent (MLA)",
    "index": "KV cache, indexer keys",
    "compressed": "KV cache, compressed",
    "pending": "KV cache, tokens to compress",
    "overlap": "KV cache, tokens compressed last",
    "cross": "KV cache, cross attention",
    "image": "KV cache, pictures",
    "conv": "convolution state",
    "state": "recurrent state",
}


class CacheTerm(NamedTuple):
    """So many layers of one component with the same cache, as one rank holds it."""

    component: str
    cache: Cache
    layers: int
    dtype: str

    def bytes(self, held: int) -> int:
        """Bytes for one request of which the cache holds ``held`` tokens."""
        return nbytes(self.cache.per_token * held + self.cache.fixed, self.dtype) * self.layers


class Weights(NamedTuple):
    """Weights of one component on the fullest rank."""

    component: str
    bytes: int
    parameters: int
    dtypes: dict[str, int]


class Sizing:
    """A model stored and split as a deployment asks; sizes follow for any batch and context.

    Raises (on construction):
        LayoutError: the model cannot be split so.
        UnsupportedArchitectureError: a stored format llmmem does not know.
        UsageError: an option the model or the engine does not take.
    """

    def __init__(self, spec: ModelSpec, deployment: Deployment) -> None:
        self.spec = spec
        self.deployment = deployment
        self.engine: ModuleType = engine(deployment.engine)
        self.knobs = _knobs(self.engine, deployment)
        self.engine.check_layout(spec, deployment.tp)
        self.stored: Stored = store(spec, deployment.precision)
        compute = self.stored.compute
        self.kv_dtype = compute if deployment.kv_precision == "auto" else deployment.kv_precision
        loaded = [b for b in self.stored.spec.blocks if b.loaded]
        # What a stored matrix stands for is counted before it is packed.
        plain = [b for b in spec.blocks if b.loaded]
        parameters = {
            name: _parameters(name, blocks, deployment.tp, self.engine) for name, blocks in _by_component(plain).items()
        }
        self.weights = [
            _weights(name, blocks, deployment.tp, self.engine, parameters[name])
            for name, blocks in _by_component(loaded).items()
        ]
        for block in (b for b in self.stored.spec.blocks if b.component == UNTIED):
            apart = _weights("decoder", [block], deployment.tp, self.engine, block.elements() // deployment.tp)
            self.weights.append(apart._replace(component=UNTIED))
        self.image_patches, self.image_tokens = 0, 0
        if deployment.images:
            self.image_patches, self.image_tokens = image_grid(spec, deployment.image_size)
        self.caches = self._cache_terms(loaded, compute)
        self._stages(plain, BITS[compute] // 8)
        self._totals: dict[tuple[int, int], Band] = {}

    def _cache_terms(self, loaded: list[Block], compute: str) -> list[CacheTerm]:
        terms: Counter[tuple[str, Cache, str]] = Counter()
        for block in loaded:
            for cache in block.caches:
                own = compute if cache.kind in STATE else self.kv_dtype
                if cache.kind == "image":
                    # One entry per patch of every picture, however long the text grows.
                    patches = self.deployment.images * self.image_patches
                    if not patches:
                        continue
                    cache = cache._replace(key=0, value=0, size=patches * (cache.key + cache.value))
                part = self.engine.rank_cache(cache, self.deployment.tp)
                terms[block.component, part, cache.dtype or own] += len(block.layers)
        return [CacheTerm(component, cache, layers, dtype) for (component, cache, dtype), layers in terms.items()]

    def _stages(self, loaded: list[Block], item: int) -> None:
        tp = self.deployment.tp
        groups = {k: v for k, v in _by_component(loaded).items() if any(b.work for b in v)}
        writer = next((k for k in ("language", "decoder", "encoder", "vision") if k in groups), None)
        self.text_stages: list[Stage] = []
        self.source_stages: list[Stage] = []
        self.image_stages: list[Stage] = []
        self.unfused_stages: list[Stage] = []
        kinds: set[str] = set()
        self.tower_alone = writer == "vision"
        self.encoder_sees = writer == "decoder"  # pictures go to the encoder, not among the decoder's own tokens
        encoded = self.spec.hidden_size * item if writer == "decoder" else 0
        for component, blocks in groups.items():
            stages = self.engine.stages(self.stored.spec, tuple(blocks), tp, item, self.knobs)
            kinds |= {w.kind for b in blocks for w in b.work}
            self.unfused_stages += self.engine.unfused_stages(self.stored.spec, tuple(blocks), tp)
            if component == writer:
                # A decoder reads the encoder's output all the while.
                self.text_stages += [s._replace(source=encoded) for s in stages]
            elif component == "vision":
                self.image_stages += stages
            elif component != "audio":  # a request without sound leaves that tower idle
                self.source_stages += stages
        if writer is not None and writer != "vision" and self.spec.vocab_size:
            rows = sum(t.shape[0] for b in loaded for t in b.tensors if t.role == "head" and len(t.shape) == 2)
            # A head may share its matrix with the embeddings; tables that encoder and decoder share are no heads.
            if not rows and any(not alias.endswith("embed_tokens.weight") for alias, _ in self.spec.tied):
                rows = self.spec.vocab_size
            if rows:
                head = self.engine.head_stage(self.stored.spec, writer, -(-rows // tp), item, self.knobs)
                self.text_stages.append(head._replace(source=encoded))
        self.spread = self.engine.spread(kinds)

    def block_sizes(self) -> list[tuple[Block, list[int]]]:
        """Every stored block and the bytes of each of its tensors, all layers together, on the fullest rank."""
        out = []
        for block in self.stored.spec.blocks:
            sizes = []
            for t in block.tensors:
                elements = self.engine.rank_elements(block.component, t, self.deployment.tp)
                sizes.append(nbytes(elements, t.dtype or "fp32") * len(block.layers))
            out.append((block, sizes))
        return out

    def tokens(self, context: int) -> int:
        """Tokens of one request: its context and what its pictures become; a tower alone reads one picture."""
        if self.tower_alone and self.spec.images:
            return self.spec.images.patches
        return context + (0 if self.encoder_sees else self.deployment.images * self.image_tokens)

    def source_tokens(self, context: int) -> int:
        """Tokens of one request that an encoder reads."""
        seen = self.deployment.images * self.image_tokens if self.encoder_sees else 0
        if self.deployment.encoder_length is not None:
            return self.deployment.encoder_length + seen
        return self.spec.encoder_length or context + seen

    def weight_bytes(self) -> int:
        """Weights on the fullest rank."""
        return sum(w.bytes for w in self.weights)

    def cache_bytes(self, context: int, *, state: bool | None = None) -> int:
        """Cache of one request on the fullest rank: keys and values, state, or (None) both."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        return sum(
            t.bytes(self.engine.held(t.cache, tokens, source))
            for t in self.caches
            if state is None or (t.cache.kind in STATE) is state
        )

    def growth(self, context: int) -> int:
        """Bytes one more token of one request adds to the cache at this context."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        return sum(
            t.bytes(self.engine.held(t.cache, tokens + 1, source)) - t.bytes(self.engine.held(t.cache, tokens, source))
            for t in self.caches
        )

    def activations(self, batch: int, context: int) -> tuple[Band, Stage | None]:
        """Peak of the prefill and the stage that decides it."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        peaks = [(s.bytes(batch, tokens, source), s) for s in self.text_stages]
        peaks += [(s.bytes(batch, source, 0), s) for s in self.source_stages]
        if not peaks:
            return Band(0, 0, 0), None
        best, stage = max(peaks, key=lambda p: p[0])
        low, high = self.spread
        slow = max((s.bytes(batch, tokens, source) for s in self.unfused_stages), default=0)
        return Band(int(best * low), best, max(int(best * high), slow)), stage

    def image(self, batch: int, prefill: int) -> tuple[Band, int, int]:
        """What pictures add: their embeddings and what the tower needs beyond ``prefill``, the language model's peak.

        Returns the band, the bytes of the embeddings and of the tower's peak.
        """
        pictures = batch * self.deployment.images
        if not pictures:
            return Band(0, 0, 0), 0, 0
        item = BITS[self.stored.compute] // 8
        embeddings = pictures * self.image_tokens * self.spec.hidden_size * item
        tower = max((s.bytes(pictures, self.image_patches, 0) for s in self.image_stages), default=0)
        beyond = max(0, tower - prefill)
        low, high = self.spread
        return (
            Band(embeddings + int(beyond * low), embeddings + beyond, embeddings + int(tower * high)),
            embeddings,
            tower,
        )

    def overhead(self, batch: int, context: int, moving: Band) -> list[tuple[str, Band, str, str]]:
        """Label, bytes, basis and why of what stands beside the model; ``moving`` is activations and pictures."""
        cache = batch * self.cache_bytes(context)
        factor = self.deployment.overhead
        if factor is not None:
            whole = self.weight_bytes() + cache + moving.best
            extra = int(whole * factor) - whole
            why = f"--overhead {factor:g}: {(factor - 1) * 100:g} % of everything else, as asked"
            return [("overhead", Band(extra, extra, extra), "estimated", why)]
        tokens, source = self.tokens(context), self.source_tokens(context)
        layer = max(
            (
                batch * t.bytes(self.engine.held(t.cache, tokens, source)) // t.layers // 2
                for t in self.caches
                if t.cache.key and t.cache.kind != "cross"
            ),
            default=0,
        )
        lines: list[tuple[str, Band, str, str]] = self.engine.overhead(cache, layer, moving)
        return lines

    def total(self, batch: int, context: int) -> Band:
        """Everything on the fullest rank; worked out once for each batch and context."""
        key = (batch, context)
        if key not in self._totals:
            fixed = self.weight_bytes() + batch * self.cache_bytes(context)
            moving = self.activations(batch, context)[0]
            moving += self.image(batch, moving.best)[0]
            band = Band(fixed, fixed, fixed) + moving
            for _, part, _, _ in self.overhead(batch, context, moving):
                band += part
            self._totals[key] = band
        return self._totals[key]

    def lines(self, batch: int, context: int) -> list[Line]:
        """The report's lines: weights, caches, activations, pictures, overhead."""
        out = [self._weight_line(w) for w in self.weights]
        out += self._cache_lines(batch, context)
        band, stage = self.activations(batch, context)
        if stage is not None:
            tokens, source = self.tokens(context), self.source_tokens(context)
            own = source if stage in self.source_stages else tokens
            why = (
                f"prefill peak in the {stage.component}'s {stage.label} stage: {batch:,} x {own:,} tokens"
                f" under {self.knobs['attn_implementation']} attention"
            )
            if self.unfused_stages:
                why += "; up to the high end where the fused kernels of the scan (mamba-ssm) are not installed"
            out.append(
                Line(stage.component, "activations", "prefill peak", band.best, band.low, band.high, "estimated", why)
            )
        image, embeddings, tower = self.image(batch, band.best)
        if self.deployment.images:
            n = batch * self.deployment.images
            why = (
                f"{n:,} pictures x {self.image_tokens:,} tokens x {self.spec.hidden_size:,} embeddings"
                f" ({embeddings:,} bytes); the tower's peak of {tower:,} bytes counts where it exceeds the prefill's"
            )
            out.append(Line("vision", "image", "pictures", image.best, image.low, image.high, "estimated", why))
        for label, b, basis, why in self.overhead(batch, context, band + image):
            out.append(Line("runtime", "overhead", label, b.best, b.low, b.high, basis, why))
        return out

    def _weight_line(self, w: Weights) -> Line:
        by = ", ".join(f"{size:,} {dtype}" for dtype, size in sorted(w.dtypes.items(), key=lambda i: -i[1]))
        split = f" on each of {self.deployment.tp} ranks" if self.deployment.tp > 1 else ""
        why = f"{w.parameters:,} parameters{split} ({by} elements): {self.stored.why}"
        if w.component == UNTIED:
            why += "; the class ties this head, published checkpoints of its kin hold one apart, which is loaded too"
            return Line(w.component, "weights", "weights", w.bytes, 0, w.bytes, "estimated", why)
        # Where the dtype is not stated, half as much (16 bits) is as likely.
        low = w.bytes if self.stored.basis == "exact" else w.bytes // 2
        return Line(w.component, "weights", "weights", w.bytes, low, w.bytes, self.stored.basis, why)

    def _cache_lines(self, batch: int, context: int) -> list[Line]:
        tokens, source = self.tokens(context), self.source_tokens(context)
        sums: dict[tuple[str, str], int] = {}
        reasons: dict[tuple[str, str], list[str]] = {}
        for t in self.caches:
            held = self.engine.held(t.cache, tokens, source)
            key = (t.component, t.cache.kind)
            sums[key] = sums.get(key, 0) + batch * t.bytes(held)
            reasons.setdefault(key, []).append(self._cache_reason(t, batch, held))
        out = []
        for (component, kind), size in sums.items():
            group = "state" if kind in STATE else "kv_cache"
            why = "; ".join(reasons[component, kind][:4]) + ("; ..." if len(reasons[component, kind]) > 4 else "")
            out.append(Line(component, group, _CACHE_LABELS[kind], size, size, size, "exact", why))
        return out

    def _cache_reason(self, t: CacheTerm, batch: int, held: int) -> str:
        c = t.cache
        if c.size:
            size = f"{c.heads:,} x {c.size:,}"
            return f"{t.layers} layers x {size} elements x {BITS[t.dtype] // 8} bytes ({t.dtype}) x batch {batch:,}"
        rule = self.engine.held_rule(c)
        heads = (
            f"{c.heads} heads x ({c.key} + {c.value})"
            if c.heads > 1 or c.kind != "latent"
            else f"({c.key} + {c.value})"
        )
        tokens = f"{held:,} {rule}" if c.window is None else f"{held:,} tokens ({rule})"
        return f"{t.layers} layers x {tokens} x {heads} x {BITS[t.dtype] // 8} bytes ({t.dtype}) x batch {batch:,}"


def _knobs(module: ModuleType, deployment: Deployment) -> dict[str, str]:
    """The engine's options with the user's choices.

    Raises:
        UsageError: an option or a value the engine does not have.
    """
    chosen = {name: values[0] for name, values in module.KNOBS.items()}
    for name, value in deployment.knobs:
        if name not in chosen:
            raise UsageError(f"{deployment.engine} has no option {name[:40]!r}.", f"It takes: {', '.join(chosen)}.")
        if value not in module.KNOBS[name]:
            raise UsageError(f"{name} {str(value)[:40]!r} is unknown.", f"Known: {', '.join(module.KNOBS[name])}.")
        chosen[name] = value
    return chosen


def _by_component(blocks: Iterable[Block]) -> dict[str, list[Block]]:
    out: dict[str, list[Block]] = {}
    for block in blocks:
        out.setdefault(block.component, []).append(block)
    return out


def _parameters(component: str, blocks: list[Block], tp: int, module: ModuleType) -> int:
    """Parameters of one component on one rank."""
    return sum(
        module.rank_elements(component, t, tp) * len(block.layers)
        for block in blocks
        for t in block.tensors
        if t.role not in ("scale", "buffer")
    )


def _weights(component: str, blocks: list[Block], tp: int, module: ModuleType, parameters: int) -> Weights:
    size = 0
    dtypes: Counter[str] = Counter()
    for block in blocks:
        layers = len(block.layers)
        for t in block.tensors:
            elements = module.rank_elements(component, t, tp)
            dtype = t.dtype or "fp32"
            size += nbytes(elements, dtype) * layers
            dtypes[dtype] += elements * layers
    return Weights(component, size, parameters, dict(dtypes))
