"""llama.cpp with the rules of ggml 0.25.3 (as in llama-cpp-python 0.3.36): every buffer is made at start.

Without a GPU and without n_gpu_layers sizes are those of the CPU backend, in host memory; otherwise those of CUDA on
one GPU, or on --pp of them that share the layers. Sources: src/llama-model.cpp (which layers go to the GPU),
ggml-cuda.cu (padding of rows), and those named in the modules beside this one.
"""

from __future__ import annotations

from math import prod

from llmmem.checkpoint import Stored, store
from llmmem.dtypes import BLOCKS, GGUF_RECIPES, nbytes
from llmmem.engines import Amount, Band, CacheFacts, exactly
from llmmem.engines.command import Command
from llmmem.engines.llamacpp.cells import KNOWN, Kept, kept
from llmmem.engines.llamacpp.command import command
from llmmem.engines.llamacpp.compute import EXACT, QUANTISED, Compute
from llmmem.engines.llamacpp.settings import MOST_SLOTS, Settings, padded, settings
from llmmem.engines.plan import Plan, Share
from llmmem.engines.terms import LABELS, STATE
from llmmem.errors import LayoutError, UnsupportedArchitectureError, UsageError
from llmmem.gpus import Gpu
from llmmem.tensors import Block, Tensor

MIB = 1 << 20
#: llama.cpp's names of cache types -> llmmem's
TYPES = {"f32": "fp32", "f16": "fp16", "bf16": "bf16", **{name: name for name in QUANTISED}}
#: CUDA's context, cuBLAS and its pools: 325 MiB on an RTX 5090, 753 after a generation on an RTX PRO 6000
CUDA_CONTEXT = Band(250 * MIB, 400 * MIB, 800 * MIB)
CUDA_CONTEXT_WHY = (
    "CUDA's context, cuBLAS and its workspace: 325 MiB measured on an RTX 5090,"
    " 753 MiB on an RTX PRO 6000 after a generation"
)
#: rows of quantised matrices are padded to this on CUDA
ROW = 512


class LlamaCppPlan(Plan):
    """A model in llama.cpp."""

    VERSION = "ggml 0.25.3"
    BY_GPU = True
    PIPELINE = True
    CONVERSIONS = ("gguf_bf16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q3_k_m", "q2_k")
    OFFLOAD = "n_gpu_layers"
    most_batch = MOST_SLOTS

    def check_layout(self) -> None:
        """Whole layers on each GPU, types of the cache that go together, a cache llama.cpp has."""
        d = self.deployment
        for option, ranks in (("tp", d.tp), ("ep", d.ep), ("dp", d.dp)):
            if ranks > 1:
                raise LayoutError(f"--{option} {ranks}: llama.cpp shares layers between GPUs.", f"Use --pp {ranks}.")
        text = [b for b in self.spec.blocks if b.component == "language" and b.loaded]
        kinds = {c.kind for b in text for c in b.caches}
        if not text or not kinds or not kinds <= set(KNOWN):
            odd = ", ".join(sorted(kinds - set(KNOWN))) or "no cache of a decoder"
            raise UnsupportedArchitectureError(
                f"How llama.cpp runs a {self.spec.model_type} model is not known here ({odd}).",
                "Decoders with full, sliding or latent attention and recurrent layers are.",
            )
        # A file and a graph hold one stack: models that speak run several of them in turn, which would be merged here.
        stacks = {b.prefix.partition("{}")[0] for b in text if "{}" in b.prefix}
        stacks |= {b.component for b in self.spec.blocks if b.component in ("encoder", "decoder")}
        if len(stacks) > 1:
            raise UnsupportedArchitectureError(
                f"llama.cpp runs one stack of layers, and a {self.spec.model_type} model has {len(stacks)}.",
                "Leave --engine out.",
            )
        self.types = self._types()
        key, value = self.types
        if value in QUANTISED and d.knob("flash_attn") == "off":
            raise LayoutError(
                "A quantised V cache needs flash attention.", "Leave --flash-attn out, or give --type-v f16."
            )
        if "latent" in kinds and key != value:
            raise LayoutError(
                f"--type-k {key} --type-v {value}: latents are keys and values at once.", "Give both the same type."
            )
        for wide, dtype in ((c.heads * c.key, key) for b in text for c in b.caches if c.key):
            if dtype in BLOCKS and wide % BLOCKS[dtype][0]:
                raise LayoutError(
                    f"{wide:,} elements of a token make no whole blocks of {dtype}.", "Give --type-k f16."
                )
        parallel = d.knob("n_parallel")
        if parallel is not None:
            self.most_batch = int(parallel)
            if d.batch > self.most_batch:
                raise UsageError(
                    f"--n-parallel {parallel} serves no {d.batch:,} requests at once.", "Give a larger one."
                )
        if d.batch > MOST_SLOTS or self.most_batch > MOST_SLOTS:
            raise LayoutError(f"llama.cpp has at most {MOST_SLOTS} slots.", "Give a smaller --batch or --n-parallel.")

    def _types(self) -> tuple[str, str]:
        """Types of keys and of values."""
        d = self.deployment
        both = "fp16" if d.kv_precision == "auto" else d.kv_precision
        if both not in TYPES.values():
            raise UsageError(f"--kv-precision {both}: llama.cpp has no such cache.", f"It has: {' '.join(TYPES)}.")
        k, v = d.knob("type_k"), d.knob("type_v")
        return (both if k is None else TYPES[str(k)], both if v is None else TYPES[str(v)])

    def storage(self) -> Stored:
        """A GGUF file as it is; of a checkpoint, the one llama.cpp's converter makes of it."""
        spec, asked = self.spec, self.deployment.precision
        if spec.measured == "gguf":
            return store(spec, asked)
        if spec.measured:
            raise UsageError("llama.cpp reads GGUF files.", "Give the id or config.json of the model.")
        plain = {"auto": "gguf_bf16" if spec.dtype in ("bfloat16", "bf16") else "gguf_f16", "fp16": "gguf_f16",
                 "bf16": "gguf_bf16", "fp32": "fp32"}  # fmt: skip
        precision = asked if asked in GGUF_RECIPES else plain.get(asked)
        if precision is None:
            raise UsageError(f"--precision {asked}: llama.cpp has no such type.", "Such as q4_k_m, q8_0, f16 or bf16.")
        blocks_of_four = spec.quantization is not None and spec.quantization.get("quant_method") == "mxfp4"
        if asked == "auto" and blocks_of_four:
            made = store(spec._replace(quantization=None), "mxfp4_moe")
            why = f"{made.why}; experts stay as the checkpoint has them, the rest as in the files ggml-org publishes"
            return made._replace(basis="estimated", why=why)
        made = store(spec._replace(quantization=None), precision)
        if asked == "auto" and spec.quantization:
            why = f"{made.why}; the checkpoint is quantised, which the converter undoes"
            return made._replace(basis="estimated", why=why)
        return made

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """Whole tensors."""
        return tensor.elements

    def tensor_bytes(self, component: str, tensor: Tensor) -> int:
        """Each tensor begins on the backend's alignment; CUDA fills quantised rows up to 512 elements."""
        dtype = tensor.dtype or "fp32"
        size = nbytes(tensor.elements, dtype)
        row = tensor.shape[-1] if tensor.shape else 1
        if self.offloads and dtype in BLOCKS and row % ROW:
            size += nbytes(ROW - row % ROW, dtype)
        # Experts may be stored apart from each other in a checkpoint; a GGUF file stacks them.
        return padded(size, self.alignment)

    @property
    def offloads(self) -> bool:
        """Whether a GPU takes part."""
        return (
            self.deployment.gpu is not None
            or self.deployment.knob("n_gpu_layers") is not None
            or self.deployment.pp > 1
        )

    @property
    def alignment(self) -> int:
        """Bytes that tensors of the backend's buffers begin on."""
        return 128 if self.offloads else 32

    def first_on_gpu(self) -> int:
        """The first layer on a GPU; one more than there are layers if even the output stays in host memory."""
        layers, asked = self.spec.layers, self.deployment.knob("n_gpu_layers")
        if not self.offloads:
            return 0
        return max(layers + 1 - (layers + 1 if asked is None else int(asked)), 0)

    def _on_gpu(self, block: Block) -> Block:
        """The part of a block that the GPU holds."""
        first = self.first_on_gpu()
        if "{}" in block.prefix and block.component == "language":
            return block._replace(layers=tuple(i for i in block.layers if i >= first))
        if block.component != "language":
            return block
        left = (first > self.spec.layers) or None
        return block._replace(
            tensors=tuple(t for t in block.tensors if not left and t.role not in ("embedding", "position"))
        )

    def stage_layers(self, layers: int) -> list[range]:
        """Layers and output are shared evenly, the output as one layer more (llama-model.cpp, get_layer_buft_list)."""
        pp, first = self.deployment.pp, self.first_on_gpu()
        acting = layers + 1 - first
        places = [max(i - first, 0) * pp // acting if acting else 0 for i in range(layers)]
        return [range(*_span([i for i, p in enumerate(places) if p == stage])) for stage in range(pp)]

    def _share(self, pp: int) -> Share:
        share = super()._share(pp)
        if not self.offloads:
            return share
        blocks = tuple(b for b in map(self._on_gpu, share.stored) if b.tensors and b.layers)
        plain = tuple(b for b in map(self._on_gpu, share.plain) if b.tensors and b.layers)
        held = {b.component for b in blocks}
        weights = tuple(
            self._weights(name, [b for b in blocks if b.component == name], self._parameters(name, plain))
            for name in dict.fromkeys(b.component for b in share.stored)
            if name in held
        )
        return Share(pp, plain, blocks, weights)

    def extra(self, share: Share) -> list[Amount]:
        """A tied output matrix is a copy on the GPU, since the token embedding stays in host memory."""
        last = share.pp == self.deployment.pp - 1
        if not self.offloads or not self.spec.tied or not last or self.first_on_gpu() > self.spec.layers:
            return []
        tables = [
            t for b in self.stored.spec.blocks if b.component == "language" for t in b.tensors if t.role == "embedding"
        ]
        table = next((t for t in tables if t.shape and t.shape[0] == self.spec.vocab_size), None)
        if table is None:
            return []
        size = self.tensor_bytes("language", table)
        why = f"{prod(table.shape):,} elements of the tied output matrix, a copy of the token embedding in host memory"
        return [Amount("language", "weights", "output matrix", exactly(size), "exact", lambda: why)]

    def prepare(self) -> None:
        """Caches and the layers of the graph."""
        key, value = self.types
        self.kv_dtype = key if key == value else f"{key}/{value}"
        self.kept = {share.pp: kept(self._text(share)) for share in self.shares}
        every = [k for one in self.kept.values() for k in one]
        self.widest = max((k.value for k in every), default=0)
        self.compute = Compute(
            self.spec, [b for b in self.stored.spec.blocks if b.loaded and b.component == "language"], self.types
        )
        self.notes = self._notes()

    def _text(self, share: Share) -> list[Block]:
        return [b for b in share.stored if b.component == "language"]

    def _notes(self) -> tuple[str, ...]:
        out = []
        if self.deployment.knob("n_parallel") is None:
            slots = max(4, self.deployment.batch)
            out.append(f"llama-server with {slots} slots that share {self.deployment.batch:,} x the context")
        if self.offloads:
            on = sum(w.bytes for share in self.shares for w in share.weights)
            every = sum(
                self.tensor_bytes(b.component, t) * len(b.layers)
                for b in self.stored.spec.blocks
                if b.loaded
                for t in b.tensors
            )
            out.append(f"host memory: {every - on:,} bytes of weights (token embedding and what is not offloaded)")
        else:
            out.append("sizes of the CPU backend, in host memory; name a --gpu for those of CUDA")
        return tuple(out)

    def settings(self, batch: int, context: int) -> Settings:
        """The options for so many requests."""
        return settings(self.deployment, batch, context)

    def command(self, reference: str) -> Command:
        """llama-server."""
        d = self.deployment
        s = self.settings(d.batch, d.context)
        return command(d, reference, s, self.types, self.stored.precision, offloads=self.offloads)

    def _cache_bytes(self, share: Share, s: Settings) -> list[tuple[Kept, int]]:
        return [(k, k.bytes(s, self.types, self.widest, self.alignment)) for k in self.kept[share.pp]]

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """All cells and states, made at start."""
        s = self.settings(batch, context)
        out: dict[str, int] = {}
        why: dict[str, list[str]] = {}
        for k, size in self._cache_bytes(share, s):
            out[k.kind] = out.get(k.kind, 0) + size
            why.setdefault(k.kind, []).append(self._cache_why(k, s))
        return [
            Amount("language", "state" if kind in STATE else "kv_cache", LABELS[kind], exactly(size), "exact",
                   lambda kind=kind: "; ".join(why[kind]))  # type: ignore[misc]
            for kind, size in out.items()
        ]  # fmt: skip

    def _cache_why(self, k: Kept, s: Settings) -> str:
        if k.fixed:
            return f"{k.layers} layers x {k.fixed:,} elements x 4 bytes (fp32) x {s.slots} slots"
        streams = f" x {s.streams} streams" if s.streams > 1 else ""
        types = f"{self.types[0]} keys" + (
            f" + {k.value:,} {self.types[1]} values" if k.value else ", values among them"
        )
        return f"{k.layers} layers x {k.cells(s):,} cells{streams} x ({k.key:,} {types})"

    def facts(self, batch: int, context: int) -> CacheFacts:
        """Cells are made at start, for all requests together."""
        s, more = self.settings(batch, context), self.settings(batch, context + 256)
        share = self.fullest(batch, context)
        now = sum(size for _, size in self._cache_bytes(share, s))
        grown = sum(size for _, size in self._cache_bytes(share, more))
        floor = sum(
            k.fixed * 4 * k.layers
            or k.layers
            * (nbytes(k.key, self.types[0]) + nbytes(k.value, self.types[1]))
            * min(context, k.window or context)
            for k in self.kept[share.pp]
        )
        pool = sum(size for k, size in self._cache_bytes(share, s) if not k.fixed)
        return CacheFacts(
            (grown - now) // (256 * batch), now // batch, floor, pool_bytes=pool, pool_tokens=s.cells if pool else None,
            max_concurrency=s.cells / context if pool else float(s.slots),
        )  # fmt: skip

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The compute buffer: the graph of the largest batch."""
        s = self.settings(batch, context)
        try:
            size = self.compute.bytes(s, self.alignment, self.offloads)
            known = True
        except (KeyError, AssertionError, ValueError):  # layers of operations that are not known here
            size, known = self._rough(s), False
        exact = known and not self.offloads and self.spec.model_type in EXACT
        band = exactly(size) if exact else Band(int(size * 0.9), size, int(size * 1.1))
        if not known:
            band = Band(size // 2, size, size * 2)

        def why() -> str:
            text = (
                f"the graph of {s.tokens:,} tokens (n_ubatch), {s.outputs:,} of them with logits, over"
                f" {s.stream:,} cells, {'with' if s.flash else 'without'} flash attention"
            )
            return text if known else f"{text}; the layers' operations are not known, so this is a rule of thumb"

        return [Amount("language", "activations", "compute buffer", band, "exact" if exact else "estimated", why)]

    def _rough(self, s: Settings) -> int:
        """The widest part of a layer, four residual streams, a mask and the logits, in fp32."""
        hidden = self.spec.hidden_size
        works = [w for b in self.spec.blocks if b.component == "language" for w in b.work]
        widest = max((w.width for w in works), default=4 * hidden)
        layer = 4 * s.tokens * (widest + 4 * hidden) + (2 if s.flash else 4) * s.tokens * s.stream
        head = 4 * (s.outputs * self.spec.vocab_size + 2 * s.tokens * hidden)
        scores = 0 if s.flash else 4 * s.tokens * s.stream * max((w.heads for w in works), default=0)
        return max(layer + scores, head)

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """CUDA's context on a GPU; nothing on the CPU."""
        if not self.offloads:
            return []
        return [Amount("runtime", "overhead", "CUDA context", CUDA_CONTEXT, "measured", lambda: CUDA_CONTEXT_WHY)]

    def on(self, gpu: Gpu) -> Plan:
        """The plan on a GPU; one serves all of them, since no rule here tells them apart."""
        if self.deployment.gpu is not None:
            return self
        if not hasattr(self, "_offloaded"):
            self._offloaded = type(self)(self.spec, self.deployment._replace(gpu=gpu))
        return self._offloaded


def _span(places: list[int]) -> tuple[int, int]:
    return (places[0], places[-1] + 1) if places else (0, 0)
