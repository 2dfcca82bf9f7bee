"""SGLang 0.5.23: the plan of one model on one deployment.

Weights and pools get a share of the memory that is free before loading; nothing is measured by a trial run
(mem_cache/kv_cache_configurator.py, _profile_available_bytes). A load fits where its share of the pools does.
"""

from __future__ import annotations

from collections.abc import Hashable

from llmmem.checkpoint import Stored
from llmmem.checkpoint.said import Said, said
from llmmem.deployment import MOST_CONTEXT, Deployment
from llmmem.dtypes import BITS
from llmmem.engines import Amount, Band, Budget, CacheFacts, exactly
from llmmem.engines.command import Command
from llmmem.engines.mixers import mixer
from llmmem.engines.plan import Plan, Share
from llmmem.engines.sglang import beside
from llmmem.engines.sglang.cells import cells, window
from llmmem.engines.sglang.command import command
from llmmem.engines.sglang.layout import check_layout
from llmmem.engines.sglang.pool import LEAST_RUNNING, MOST_RUNNING, Pools, Rules, most_requests, need, pools
from llmmem.engines.sglang.settings import ASSUMED, MIB, capability, fraction, picked, settings, traits
from llmmem.engines.sglang.supported import check
from llmmem.engines.sglang.weights import latent_copies, loaded, rank_elements, rotary_bytes
from llmmem.gpus import Gpu
from llmmem.tensors import ModelSpec, Tensor

#: classes that keep two more states for a request, so that steps can overlap
EXTRA_STATES = frozenset(
    {
        *("KimiLinearForCausalLM", "Qwen3_5ForConditionalGeneration", "Qwen3_5MoeForConditionalGeneration"),
        *("Qwen3_5MoeForCausalLM", "Qwen3_5ForCausalLM", "Qwen3NextForCausalLM", "Qwen4ExpForConditionalGeneration"),
        *("InternS2PreviewForConditionalGeneration", "MiniCPMV4_6ForConditionalGeneration"),
        *("MiniCPMV4_7ForConditionalGeneration", "BailingMoeV2_5ForCausalLM", "BailingMoeV3ForCausalLM"),
        *("BailingMoeV3VLForConditionalGeneration", "FalconH1ForCausalLM", "GraniteMoeHybridForCausalLM"),
        *("Glm5NextForConditionalGeneration", "NemotronHForCausalLM", "NemotronHPuzzleForCausalLM"),
        *("NemotronH_Omni_Reasoning_V3", "KimiK3ForConditionalGeneration", "InklingForConditionalGeneration"),
    }
)
#: tokens in layers with windows for each in the others, where the class says otherwise
WINDOW_RATIO = {"InklingForConditionalGeneration": 0.1}
#: classes that keep no prompts
NO_RADIX = ("EmbeddingGemma2Model",)


class SglangPlan(Plan):
    """A model in SGLang."""

    VERSION = "0.5.23"
    BY_GPU = True
    PIPELINE = True
    NODES = True
    CONVERSIONS = ("bf16", "fp8", "int8", "awq", "nvfp4")

    def __init__(self, spec: ModelSpec, deployment: Deployment) -> None:
        # What states no dtype or 32 bits is loaded in 16 (configs/model_config.py, _get_and_verify_dtype).
        if deployment.precision == "auto" and spec.dtype in (None, "float32", "fp32", "torch.float32", "float64"):
            spec = spec._replace(dtype="float16")
        self.said = said(spec) if deployment.precision == "auto" else Said()
        super().__init__(spec, deployment)

    def check_layout(self) -> None:
        """Heads, stages and experts as SGLang shares them."""
        self.notes += check(self.spec)
        check_layout(self.spec, self.deployment)

    def loaded(self, stored: Stored) -> Stored:
        """As the classes of its layers create them."""
        return loaded(stored, self.deployment, self.said)

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """By SGLang's parallel layers."""
        return rank_elements(component, tensor, self.deployment)

    def stage_layers(self, layers: int) -> list[range]:
        """The remainder goes to the last stages (distributed/utils.py, get_pp_indices)."""
        pp = self.deployment.pp
        counts = [layers // pp + (i >= pp - layers % pp) for i in range(pp)]
        ends = [sum(counts[: i + 1]) for i in range(pp)]
        return [range(end - count, end) for end, count in zip(ends, counts, strict=True)]

    def extra(self, share: Share) -> list[Amount]:
        """The halves of latent attention's second projection."""
        size, layers = self.copies[share.pp]
        if not size:
            return []
        why = f"w_kc and w_vc, kv_b_proj once more in {layers} layers, laid out for decoding"
        return [Amount("language", "weights", "copies of kv_b_proj", exactly(size), "estimated", lambda: why)]

    def prepare(self) -> None:
        """Sizes of a server, and the bytes of a token in its pools."""
        d, spec = self.deployment, self.spec
        self.copies = [latent_copies(share, d) for share in self.shares]
        self.rotary = rotary_bytes(spec)
        self.heaviest = max(self.weight_bytes(share) for share in self.shares)
        self.traits = traits(spec, {mixer(b) for s in self.shares for b in s.plain if b.caches})
        blackwell = capability(d.gpu) == 10
        if d.kv_precision == "auto":
            self.kv_dtype = "fp8" if self.said.cache == "fp8" else self.kv_dtype
            if self.traits.sparse:
                self.kv_dtype = "fp8" if capability(d.gpu) >= 10 else "bf16"
        self.settings = settings(d, self.traits)
        self.cells = cells(self.shares, spec.architecture, d, self.kv_dtype, raw=blackwell)
        self.rules = self._rules()
        self.most_batch = (MOST_RUNNING if self.rules.running is None else self.rules.running) * d.dp
        if not any(c.full or c.window for c in self.cells):
            # Without keys and values the pool has as many tokens as one context (_zero_kv_max_tokens).
            self.most_batch = d.dp
        if d.gpu is None:
            self.notes += (f"SGLang's defaults depend on the GPU; those of {ASSUMED} are taken where --gpu names none",)
        elif d.gpu.vendor != "AMD" and not capability(d.gpu):
            self.notes += (
                f"{d.gpu.id} states no CUDA compute capability: the pages and formats of its kernels are assumed",
            )

    def _rules(self) -> Rules:
        d, name = self.deployment, self.spec.architecture
        given, ratio = d.knob("max_running_requests"), d.knob("swa_full_tokens_ratio")
        radix = not d.knob("disable_radix_cache") and name not in NO_RADIX
        slots = (5 if name in EXTRA_STATES else 3) if radix else 1
        return Rules(
            self.settings.page,
            self.settings.chunk,
            window(self.shares) if any(c.window for c in self.cells) else 0,
            float(ratio) if ratio is not None else WINDOW_RATIO.get(name, 0.8),
            float(d.knob("mamba_full_memory_ratio") or 0.9),
            slots,
            None if given is None else max(1, int(given) // d.dp),
            radix,
        )

    def tokens_in(self, pool: int, context: int) -> int | None:
        """Where there is one pool."""
        cell = self.cells[self.widest()]
        return None if cell.window or not cell.full else pool // cell.full - self.rules.page

    def pool_spread(self, context: int) -> tuple[int, int]:
        """What is resident counts in full, what is there before loading by the share."""
        d, share = self.deployment, self.fraction(context)
        before = [a.band for a in beside.context(d.tp * d.dp * d.pp > 1)]
        held = [a.band for a in self._resident()]
        less = sum(b.high - b.best for b in held) + int(share * sum(b.high - b.best for b in before))
        more = sum(b.best - b.low for b in held) + int(share * sum(b.best - b.low for b in before))
        return less, more

    def logged(self, batch: int, context: int) -> dict[str, Band]:
        """Of caches, the pools; weights as the driver sees them."""
        out, held = super().logged(batch, context), self.pools(context)
        # Read off the driver, so with what else is made meanwhile: 0.04 and 0.18 GiB in published logs.
        out["weights"] += Band(0, 0, 256 * MIB)
        out.pop("kv_cache", None)
        out.pop("state", None)
        if held is not None:
            cell = self.cells[self.widest()]
            state = (held.states + 1) * cell.state
            pool = held.bytes(cell, self.rules.page)
            less, more = self.pool_spread(context)
            out |= {
                what: Band(size - less * size // pool, size, size + more * size // pool)
                for what, size in (("state", state), ("kv_cache", pool - state))
            }
        return out

    def command(self, reference: str) -> Command:
        """A server for each node."""
        d = self.deployment
        given = d.knob("mem_fraction_static") is not None or d.gpu is not None
        return command(d, reference, self.fraction(d.context) if given else None)

    def kind(self, gpu: Gpu) -> Hashable:
        """Sizes of a server, and kernels by compute capability."""
        return picked(gpu), capability(gpu), gpu.vendor == "AMD"

    def on(self, gpu: Gpu) -> Plan:
        """The plan for another GPU; totals depend on what each leaves free."""
        made = super().on(gpu)
        if made is not self:
            made._totals = {}
        return made

    # Loads.

    def requests(self, batch: int) -> int:
        """Requests on the attention of one replica."""
        return -(-batch // self.deployment.dp)

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """What the requests take of the pools."""
        if batch == 0:
            return []
        cell, count, page = self.cells[share.pp], self.requests(batch), self.rules.page
        held = need(count, context, cell, self.rules)
        out = []
        tokens = f"{count:,} requests x {self.rules.paged(context):,} tokens in pages of {page}, and a page of padding"
        if cell.full:
            out.append(self._cache("kv_cache", "KV cache", held.kv, f"{tokens} x {cell.full:,} bytes"))
        if cell.window:
            each = self.rules.windowed(count, context)
            why = f"{each:,} tokens of windows of {self.rules.window:,} and chunks under way x {cell.window:,} bytes"
            out.append(self._cache("kv_cache", "KV cache, sliding window", held.window, why))
        if cell.state:
            why = f"{count:,} requests x {self.rules.slots} states, and one of padding x {cell.state:,} bytes"
            out.append(self._cache("state", "recurrent state", held.state, why))
        return out

    def _cache(self, group: str, label: str, size: int, why: str) -> Amount:
        return Amount("language", group, label, exactly(size), "exact", lambda: why)

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """A chunk on its way."""
        return beside.activations(self.spec, share, self.settings, self.deployment.tp, BITS[self.stored.compute] // 8)

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """Context, graphs, tables; what other pools get along with these; and what the share leaves free."""
        d = self.deployment
        out = beside.context(d.tp * d.dp * d.pp > 1)
        graphs = beside.graphs(self.settings, self.traits, d)
        held = self.pools(context)
        running = held.running if held else self.rules.running or LEAST_RUNNING
        most = MOST_RUNNING if self.rules.running is None else self.rules.running
        # Between its limits the number follows the pools, whose size is an estimate.
        table = beside.table(running, context, most, held is not None and running in (LEAST_RUNNING, most))
        out += [graphs, table, *self._resident()]
        shared = need(self.requests(batch), context, self.cells[share.pp], self.rules).shared_out if batch else 0
        if shared:
            why = "what the ratios between the pools put into the others for these to hold the load"
            out.append(
                Amount("runtime", "overhead", "shares of the other pools", exactly(shared), "exact", lambda: why)
            )
        slack = self.slack(context)
        free = slack - moving.high - graphs.band.high - table.band.high
        if free > 0:
            share_why = f"{slack:,} bytes are not for weights and pools; what of them nothing here needs"
            out.append(
                Amount("runtime", "overhead", "left free", Band(0, 0, free), "estimated", lambda: share_why),
            )
        return out

    def _resident(self) -> list[Amount]:
        out = []
        size = self.rotary
        if size:
            why = f"cos and sin of {self.spec.max_context:,} positions in fp32"
            out.append(
                Amount("language", "overhead", "rotary tables", Band(0, size, 2 * size), "estimated", lambda: why)
            )
        if self.traits.tower is not None:
            kept = exactly(beside.PICTURES * MIB)
            said = f"{beside.PICTURES} MiB of the pools' share are kept for embeddings of pictures"
            out.append(Amount("vision", "overhead", "embeddings of pictures", kept, "exact", lambda: said))
        return out

    # The whole GPU.

    def free_before(self) -> int:
        """Bytes free before the weights are loaded."""
        gpu, d = self.deployment.gpu, self.deployment
        taken = sum(a.band.best for a in beside.context(d.tp * d.dp * d.pp > 1))
        return gpu.usable_bytes - taken if gpu else 0

    def slack(self, context: int) -> int:
        """Bytes that are not for weights and pools."""
        return int(self.free_before() * (1 - self.fraction(context)))

    def fraction(self, context: int) -> float:
        """The share of the memory free before loading that weights and pools get."""
        return fraction(self.deployment, self.traits, self.settings, context)

    def rest(self, context: int) -> int:
        """Bytes left for the pools on the rank that has least."""
        beside_pools = sum(a.band.best for a in self._resident())
        return self.free_before() - self.slack(context) - self.heaviest - beside_pools

    def pools(self, context: int) -> Pools | None:
        """The pools; None where no GPU is named."""
        if self.deployment.gpu is None or not any(c.full or c.window or c.state for c in self.cells):
            return None
        return pools(self.rest(context), self.cells, self.rules, context)

    def widest(self) -> int:
        """The stage whose pools are largest."""
        return max(range(len(self.cells)), key=lambda i: self.cells[i])

    def facts(self, batch: int, context: int) -> CacheFacts:
        """Pages and the pools, on the stage whose pools are largest."""
        cell, page = self.cells[self.widest()], self.rules.page
        one, held = need(1, context, cell, self.rules), self.pools(context)
        growing = cell.window if self.rules.paged(context) <= self.rules.window else 0
        padding = (cell.full + cell.window) * page + cell.state
        facts = CacheFacts(
            cell.full + growing,
            one.kv + one.window + one.state - padding,
            cell.floor(context),
            bytes_per_block=(cell.full or cell.window) * page,
        )
        if held is None:
            return facts
        return facts._replace(
            num_blocks=held.tokens // page,
            pool_bytes=held.bytes(cell, page),
            pool_tokens=held.tokens,
            max_concurrency=most_requests(context, self.rules, held),
        )

    def budget(self, context: int) -> Budget | None:
        """The whole GPU; None where none is named."""
        gpu, held = self.deployment.gpu, self.pools(context)
        if gpu is None or held is None:
            return None
        share = self.shares[self.widest()]
        parts = dict.fromkeys(("weights", "activations", "graphs", "context", "other"), 0)
        names = {"CUDA graphs": "graphs", "CUDA context": "context", "NCCL": "context"}
        for amount in self.amounts(share, 0, context):
            group = amount.group if amount.group in parts else names.get(amount.label, "other")
            parts[group] += amount.band.best
        pool = held.bytes(self.cells[share.pp], self.rules.page)
        left = gpu.usable_bytes - sum(parts.values()) - pool
        longest = min(self.rules.aligned(held.tokens), self.spec.max_context or MOST_CONTEXT)
        concurrency = most_requests(context, self.rules, held)
        return Budget(
            gpu.usable_bytes,
            0,
            **parts,
            pool=pool,
            left=left,
            tokens=held.tokens,
            requests=concurrency,
            longest_context=longest,
        )
