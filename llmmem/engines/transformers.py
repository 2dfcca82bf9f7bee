"""transformers 5.23 (PyTorch): dynamic caches, sdpa or eager attention, no reservation ahead of need.

Sources: cache_utils.py (DynamicLayer, DynamicSlidingWindowLayer keeps window - 1 tokens), the tensor parallel plans of
the configuration classes (token embeddings and towers stay whole).
"""

from __future__ import annotations

from llmmem.dtypes import BITS
from llmmem.engines import Amount, Band, CacheFacts, exactly, quantized_cache
from llmmem.engines.plan import TEXT, Plan, Share, by_component
from llmmem.engines.prefill import Stage, head_stage, spread, stages, unfused_stages
from llmmem.engines.terms import CacheTerm, cache_amounts, cache_terms
from llmmem.errors import LayoutError, UsageError
from llmmem.media.request import STATED
from llmmem.tensors import Cache, ModelSpec, Tensor

MIB = 1 << 20
#: lazy kernel loading, an H100, and eager kernel loading
CUDA_CONTEXT = Band(274 * MIB, 522 * MIB, 636 * MIB)
CUDA_CONTEXT_WHY = "PyTorch's CUDA context: 274 MiB (pytorch#86509) to 636 MiB, 522 MiB on an H100 (llm-d-planner#205)"
#: cuBLAS workspace: 8 MiB, 32 MiB on Hopper (PyTorch, CUDABlas.cpp).
CUBLAS = Band(8 * MIB, 32 * MIB, 32 * MIB)
FRAMEWORK_WHY = (
    "cuBLAS workspace (8 to 32 MiB), one layer's cache copied as it grows, and allocator slack of 0 to 10 %"
    " of cache and activations (2 % taken)"
)


def check_layout(spec: ModelSpec, tp: int) -> None:
    """Whether ``tp`` ranks can share the model's heads.

    Raises:
        LayoutError: they cannot.
    """
    if tp == 1:
        return
    for block in spec.blocks:
        if block.component not in TEXT or not block.loaded:
            continue
        for work in block.work:
            if work.heads and work.heads % tp:
                fits = [n for n in (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 32, 64) if work.heads % n == 0]
                raise LayoutError(
                    f"--tp {tp}: {work.heads} attention heads cannot be shared evenly by {tp} ranks.",
                    f"Give --tp {', '.join(map(str, fits)) or 1}." if fits else "Give --tp 1.",
                )


def rank_elements(component: str, tensor: Tensor, tp: int) -> int:
    """Elements of the tensor (all copies) on one rank of ``tp``.

    Raises:
        LayoutError: the axis cannot be shared evenly.
    """
    if tp == 1 or tensor.shard is None or component not in TEXT or tensor.role == "embedding" or not tensor.elements:
        return tensor.elements
    size = tensor.shape[tensor.shard]
    if tensor.role == "head":  # the vocabulary is shared unevenly when it must be
        return tensor.elements // size * -(-size // tp)
    units = size // tensor.unit
    if units % tp == 0:
        return tensor.elements // tp
    # Fewer key/value heads than ranks: one head each, repeated, and so are its scales.
    heads = tensor.unit > 1 or tensor.role == "scale"
    if heads and tensor.layout[tensor.shard : tensor.shard + 1] != "i" and tp % units == 0:
        return tensor.elements // units
    raise LayoutError(
        f"--tp {tp}: {tensor.name} {list(tensor.shape)} cannot be shared evenly by {tp} ranks"
        f" along its {size:,} entries" + (f" in steps of {tensor.unit}." if tensor.unit > 1 else "."),
        "Give a --tp that divides it.",
    )


def rank_cache(cache: Cache, tp: int) -> Cache:
    """The part of a layer's cache that one rank of ``tp`` holds.

    Raises:
        LayoutError: channels or states that cannot be shared evenly.
    """
    if tp == 1 or cache.kind in ("latent", "index") or cache.heads == 1:
        return cache
    if cache.heads % tp == 0:
        return cache._replace(heads=cache.heads // tp)
    if cache.key and tp % cache.heads == 0:
        return cache._replace(heads=1)
    raise LayoutError(
        f"--tp {tp}: {cache.heads} {'key/value heads' if cache.key else 'state channels'} cannot be shared evenly"
        f" by {tp} ranks.",
        "Give a --tp that divides them.",
    )


def held_tokens(cache: Cache, tokens: int, encoder_tokens: int, static: bool = False) -> int:
    """Tokens of a request that the cache holds after ``tokens``; a static one has room for the whole window."""
    if cache.kind == "cross":
        return encoder_tokens
    if cache.kind == "pending":
        return tokens % cache.every
    if cache.kind == "overlap":
        return cache.every if tokens >= cache.every else 0
    if cache.window is not None:
        return min(tokens, max(cache.window - (not static), 0))
    return tokens // cache.every


def held_rule(cache: Cache, static: bool = False) -> str:
    """The rule behind ``held_tokens``, for people."""
    if cache.kind == "pending":
        return f"tokens since the last full {cache.every:,}"
    if cache.kind == "overlap":
        return f"tokens, the last full {cache.every:,}"
    if cache.every > 1:
        return f"entries, one per {cache.every:,} tokens"
    if cache.window is not None:
        if static:
            return f"room for the window of {cache.window:,}"
        return f"the last {cache.window - 1:,} of a window of {cache.window:,}"
    return "encoder tokens" if cache.kind == "cross" else "tokens"


class TransformersPlan(Plan):
    """A model in transformers."""

    VERSION = "5.23"
    MEDIA = True

    def check_layout(self) -> None:
        """Only tensor parallelism, and only over whole heads."""
        d = self.deployment
        for option, ranks in (("pp", d.pp), ("ep", d.ep), ("dp", d.dp)):
            if ranks > 1:
                raise LayoutError(f"--{option} {ranks}: transformers runs none of it.", "Use --tp.")
        check_layout(self.spec, d.tp)

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """By the tensor parallel plans of the configuration classes."""
        return rank_elements(component, tensor, self.deployment.tp)

    def prepare(self) -> None:
        """Caches and the moments of the prefill."""
        d, compute = self.deployment, self.stored.compute
        share = self.shares[0]
        patches = sum(m.patches for m in self.media if m.component == "vision")
        self.terms: tuple[CacheTerm, ...] = cache_terms(
            share.stored, compute, self.kv_dtype, patches, lambda cache: rank_cache(cache, d.tp)
        )
        self.kept = str(d.knob("cache_implementation"))
        if self.kept == "quantized":
            quantized_cache.check(self.terms)
            if self.kv_dtype != compute:
                raise UsageError(
                    f"--kv-precision {self.kv_dtype}: a quantised cache is made of what the model computes, {compute}.",
                    "Leave --kv-precision out, or give --cache-implementation dynamic.",
                )
        self._stages(share, BITS[compute] // 8)
        runs = self.media or self.source_stages or (self.text_stages and self.tokens(d.context))
        if not runs and "activations" not in self.spec.unknown:
            # Nothing that runs is described, or only a tower that nothing was given to: not the same as nothing.
            self.spec = self.spec._replace(unknown=(*self.spec.unknown, "activations"))

    def _stages(self, share: Share, item: int) -> None:
        tp, spec = self.deployment.tp, self.stored.spec
        eager = self.deployment.knob("attn_implementation") == "eager"
        groups = {k: v for k, v in by_component(share.plain).items() if any(b.work for b in v)}
        writer = next((k for k in ("language", "decoder", "encoder", "vision") if k in groups), None)
        self.text_stages: list[Stage] = []
        self.source_stages: list[Stage] = []
        self.tower_stages: dict[str, list[Stage]] = {}
        self.unfused_stages: list[Stage] = []
        kinds: set[str] = set()
        works = [w for blocks in groups.values() for b in blocks for w in b.work]
        self.attention = "eager" if eager else "sdpa"
        if not eager and any(w.run.written for w in works):
            self.attention = "eager (its class has no sdpa)"
        self.tower_alone = writer == "vision"
        if self.tower_alone and self.deployment.images:
            raise LayoutError(
                f"--images: a request of {spec.model_type} is one picture, which is counted anyway.",
                "Leave --images out, and give --batch for more pictures.",
            )
        self.encoder_sees = writer == "decoder"  # pictures go to the encoder, not among the decoder's own tokens
        encoded = self.spec.hidden_size * item if writer == "decoder" else 0
        for component, blocks in groups.items():
            found = stages(spec, tuple(blocks), tp, item, eager)
            kinds |= {w.kind for b in blocks for w in b.work}
            self.unfused_stages += unfused_stages(spec, tuple(blocks), tp)
            if component == writer:
                # A decoder reads the encoder's output all the while.
                self.text_stages += [s._replace(source=encoded) for s in found]
            elif component in ("vision", "audio"):  # idle where a request has nothing for them
                self.tower_stages[component] = found
            else:
                self.source_stages += found
        if writer is not None and writer != "vision" and self.spec.vocab_size:
            rows = sum(t.shape[0] for b in share.stored for t in b.tensors if t.role == "head" and len(t.shape) == 2)
            # A head may share its matrix with the embeddings; tables that encoder and decoder share are no heads.
            if not rows and any(not alias.endswith("embed_tokens.weight") for alias, _ in self.spec.tied):
                rows = self.spec.vocab_size
            if rows:
                biased = any(t.name == "final_logits_bias" for b in share.stored for t in b.tensors)
                # A class that fills in masked words scores every token.
                every = writer == "encoder" or self.deployment.knob("logits") == "all"
                head = head_stage(spec, writer, -(-rows // tp), item, every, biased)
                self.text_stages.append(head._replace(source=encoded))
        self.spread = spread(kinds)

    def tokens(self, context: int) -> int:
        """Tokens of one request: its context and what its pictures become; a tower alone reads one picture."""
        if self.tower_alone and self.spec.images:
            return self.spec.images.patches
        return context + (0 if self.encoder_sees else self.media_tokens)

    def source_tokens(self, context: int) -> int:
        """Tokens of one request that an encoder reads."""
        seen = self.media_tokens if self.encoder_sees else 0
        for m in self.media:
            if m.component == "encoder":
                return m.patches
        if self.deployment.encoder_length is not None:
            return self.deployment.encoder_length + seen
        return self.spec.encoder_length or context + seen

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """Grown with the tokens and nothing ahead of need, unless another implementation is asked for."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        if self.kept == "quantized":
            return quantized_cache.amounts(self.terms, batch, tokens)
        static = self.kept == "static"
        held = [(t, held_tokens(t.cache, tokens, source, static), held_rule(t.cache, static)) for t in self.terms]
        return cache_amounts(held, batch)

    def _request(self, tokens: int, source: int) -> int:
        """Bytes of one request as the cache is kept."""
        if self.kept == "quantized":
            return sum(quantized_cache.request_band(t, tokens).best for t in self.terms)
        static = self.kept == "static"
        return sum(t.bytes(held_tokens(t.cache, tokens, source, static)) for t in self.terms)

    def facts(self, batch: int, context: int) -> CacheFacts:
        """A dynamic cache holds what the model must remember, and there is no pool."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        request = self._request(tokens, source)
        floor = sum(t.bytes(held_tokens(t.cache, tokens, source)) for t in self.terms)
        return CacheFacts(self._request(tokens + 1, source) - request, request, floor)

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The peak of the prefill, and the pictures' embeddings and tower."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        peaks = [(s.bytes(batch, tokens, source), s, tokens) for s in self.text_stages]
        peaks += [(s.bytes(batch, source, 0), s, source) for s in self.source_stages]
        if not peaks:  # a tower alone
            return self._seen(batch, 0)
        best, stage, own = max(peaks, key=lambda p: p[0])
        low, high, traced = self.spread
        slow = max((s.bytes(batch, tokens, source) for s in self.unfused_stages), default=0)
        band = Band(int(best * low), best, max(int(best * high), slow))

        def why() -> str:
            text = (
                f"prefill peak in the {stage.component}'s {stage.label} stage: {batch:,} x {own:,} tokens"
                f" under {self.attention} attention; {traced}"
            )
            if self.unfused_stages:
                text += "; up to the high end where the fused kernels of the scan (mamba-ssm) are not installed"
            return text

        out = [Amount(stage.component, "activations", "prefill peak", band, "estimated", why)]
        return out + self._seen(batch, best)

    def _seen(self, batch: int, prefill: int) -> list[Amount]:
        """What media become, and what their towers need beyond ``prefill``, the language model's peak."""
        wide = self.spec.hidden_size * (BITS[self.stored.compute] // 8)
        out, tower, reader = [], 0, ""
        for m in self.media:
            if m.component == "encoder":
                continue
            found = self.tower_stages.get(m.component, [])
            most = max((s.bytes(batch * m.number * m.seen.views, m.seen.patches, 0) for s in found), default=0)
            tower = max(tower, most)
            reader = m.component if most == tower else reader
            size = batch * m.tokens * wide
            why = f"{m.said()}; embeddings of {wide:,} bytes a token x batch {batch:,}; {STATED}"
            out.append(Amount(m.component, "image", m.label, exactly(size), "estimated", lambda why=why: why))  # type: ignore[misc]
        if tower:
            beyond, (low, high, _) = max(0, tower - prefill), self.spread
            band = Band(int(beyond * low), beyond, int(tower * high))
            said = f"the tower's peak of {tower:,} bytes beyond the prefill's of {prefill:,}, which comes after it"
            out.append(Amount(reader, "image", "tower", band, "estimated", lambda: said))
        return out

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """CUDA's context, cuBLAS, the copy of a growing cache, and the allocator's slack."""
        tokens, source = self.tokens(context), self.source_tokens(context)
        grows = (t for t in self.terms if t.cache.key and t.cache.kind != "cross")
        # torch.cat makes the longer cache of one layer before the shorter one is freed; a static cache is written into,
        # and a quantised one is unpacked and then joined with the new tokens.
        copies = {"dynamic": 1, "static": 0, "quantized": 4}[self.kept]
        layer = copies * max(
            (batch * t.bytes(held_tokens(t.cache, tokens, source)) // t.layers // 2 for t in grows),
            default=0,
        )
        # The caching allocator rounds blocks up and keeps freed ones; growing caches fragment it.
        slack = Band(0, (cache + moving.best) // 50, (cache + moving.high) // 10)
        framework = CUBLAS + Band(layer, layer, layer) + slack
        return [
            Amount("runtime", "overhead", "CUDA context", CUDA_CONTEXT, "measured", lambda: CUDA_CONTEXT_WHY),
            Amount("runtime", "overhead", "framework", framework, "estimated", lambda: FRAMEWORK_WHY),
        ]
