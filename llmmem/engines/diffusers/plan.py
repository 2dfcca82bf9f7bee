"""A pipeline of diffusers 0.42, or one component of one: its stages come one after another, and the worst decides.

Sources: pipelines/pipeline_utils.py (enable_model_cpu_offload, enable_sequential_cpu_offload), the pipelines' own
``__call__`` for guidance, prompt lengths and default sizes.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from functools import cached_property
from typing import Any, NamedTuple

from llmmem.checkpoint import Stored
from llmmem.deployment import Deployment
from llmmem.dtypes import BITS, nbytes
from llmmem.engines import Amount, Band, CacheFacts
from llmmem.engines.diffusers.precision import older, stored
from llmmem.engines.diffusers.stages import Canvas, Stage, decoding, denoising, encoding
from llmmem.engines.plan import Plan, Share
from llmmem.engines.transformers import CUBLAS, CUDA_CONTEXT, CUDA_CONTEXT_WHY
from llmmem.errors import LayoutError, UsageError
from llmmem.tensors import Diffusion, ModelSpec, Tensor

FRAMEWORK_WHY = (
    "cuBLAS workspace (8 to 32 MiB) and the allocator's slack of 0 to 10 % of the activations (4 % taken);"
    " what it keeps of earlier stages is in the activations' high end"
)


class _Moment(NamedTuple):
    """A stage and the weights in memory during it, on top of those that always are."""

    stage: Stage
    weights: int
    resident: frozenset[str]

    @property
    def total(self) -> int:
        return self.weights + self.stage.activations.best


class DiffusersPlan(Plan):
    """A pipeline in diffusers."""

    VERSION = "0.42"
    CONVERSIONS = ("bf16", "fp8", "int8", "nf4")
    CONTEXT = False
    SAVINGS = (("vae_tiling", True), ("offload", "model"), ("offload", "sequential"))

    def __init__(self, spec: ModelSpec, deployment: Deployment) -> None:
        named = deployment.knob("drop")
        super().__init__(_without(spec, str(named)) if named else spec, deployment)

    def check_layout(self) -> None:
        """One GPU; no tokens, pictures or caches to say anything about.

        Raises:
            LayoutError: more ranks than one.
            UsageError: an option that means nothing here.
        """
        d = self.deployment
        for option, ranks in (("tp", d.tp), ("pp", d.pp), ("ep", d.ep), ("dp", d.dp)):
            if ranks > 1:
                raise LayoutError(f"--{option} {ranks}: a pipeline of diffusers runs on one GPU.", "Leave it out.")
        for option, given in (
            ("--images", d.images),
            ("--video-frames", d.video_frames),
            ("--audio", d.audio),
            ("--encoder-length", d.encoder_length),
            ("--kv-precision", d.kv_precision != "auto"),
        ):
            if given:
                raise UsageError(
                    f"{option} means nothing for {self.spec.architecture}: it caches no tokens and reads no pictures.",
                    "Its own are --height, --width, --frames, --batch and more.",
                )

    def rank_elements(self, component: str, tensor: Tensor) -> int:
        """All of them."""
        return tensor.elements

    def loaded(self, stored_whole: Stored) -> Stored:
        """Each component in its own precision."""
        made, self._computes = stored(self.spec, self.deployment)
        return made

    def prepare(self) -> None:
        """What does not change with the batch: weights of each component and the pictures' size."""
        works = self.spec.diffusion or ()
        self._works = {work.component: work for work in works}
        share = self.shares[0]
        self._weights_of = {w.component: w.bytes for w in share.weights}
        self._largest = {w.component: 0 for w in share.weights}
        for block in share.stored:
            for t in block.tensors:
                size = nbytes(t.elements, t.dtype or "fp32")
                self._largest[block.component] = max(self._largest[block.component], size)
        self._upcast = self._upcast_bytes(share)
        self._kept = older(share.stored, self.deployment, self._works)
        self.canvas  # noqa: B018 # a size that makes no sense is said at once
        if self.deployment.precision == "auto" and self.spec.dtype is None and not self.spec.measured:
            self.notes += (
                "diffusers loads what states no dtype in fp32 unless it is given a torch_dtype; say which one"
                " with --precision bf16",
            )

    def _compute(self, component: str) -> str:
        return self._computes.get(component, self.stored.compute)

    def _item(self, work: Diffusion) -> int:
        if work.component in self._upcast:
            return 4
        return BITS[self._compute(work.component)] // 8

    def _upcast_bytes(self, share: Share) -> dict[str, int]:
        """Bytes that decoders grow by where the pipeline computes them in fp32."""
        if not any(work.upcasts for work in self._works.values()):
            return {}
        grown: dict[str, int] = {}
        for name, work in self._works.items():
            if work.stage == "decode" and work.upcast and self._compute(name) == "fp16":
                grown[name] = sum(
                    2 * t.elements * len(b.layers)
                    for b in share.stored
                    if b.component == name
                    for t in b.tensors
                    if t.dtype == "fp16"
                )
        return grown

    @cached_property
    def canvas(self) -> Canvas:
        """The pictures that are made: as asked, or what the pipeline makes by default."""
        works = self._works.values()
        main = next((w for w in works if w.stage == "denoise"), None)
        decoder = next((w for w in works if w.stage == "decode"), None)
        grid = decoder or main or Diffusion("", "beside")
        high, wide, frames = main.size if main else (0, 0, 1)
        side = main.sample * grid.scale if main else grid.tile[0] or 512
        d = self.deployment
        if main and frames == 1 and int(d.knob("frames") or 1) > 1:
            raise UsageError(f"--frames: {self.spec.architecture} makes single pictures.", "Give --batch for more.")
        return Canvas(
            int(d.knob("height") or high or side),
            int(d.knob("width") or wide or side),
            int(d.knob("frames") or frames),
            grid.scale,
            grid.time,
        )

    @property
    def prompt(self) -> int:
        """Tokens of the prompt."""
        asked = self.deployment.knob("max_sequence_length")
        stated = max((w.prompt for w in self._works.values() if w.stage == "denoise"), default=0)
        return int(asked) if asked else stated

    def _passes(self, work: Diffusion, batch: int) -> int:
        """Latents in one pass of a denoiser: twice the batch where guidance joins both prompts."""
        guidance = self.deployment.knob("guidance")
        if guidance == "on" and work.guidance in ("none", "distilled"):
            return batch  # a second pass after the first one
        return 2 * batch if work.guidance == "joined" and guidance != "off" else batch

    def moments(self, batch: int) -> list[_Moment]:
        """Every stage in the order of the pipeline, with the weights that are in memory then."""
        share = self.shares[0]
        found: list[Stage] = []
        for name, work in self._works.items():
            item = self._item(work)
            blocks = tuple(b for b in share.plain if b.component == name)
            if work.stage == "encode" and any(b.work for b in blocks):
                # Encoders of pictures see patches; those of prompts have a vocabulary.
                prompt = self.prompt if any(t.role == "embedding" for b in blocks for t in b.tensors) else 0
                prompt = min(prompt, work.prompt or prompt)
                found.append(encoding(self.spec, blocks, work, prompt, batch, item))
            elif work.stage == "denoise":
                found.append(denoising(work, self.canvas, self.prompt, self._passes(work, batch), item))
            elif work.stage == "decode":
                found.append(decoding(work, self.canvas, bool(self.deployment.knob("vae_tiling")), batch, item))
        order = ("encode", "denoise", "decode")
        return [self._moment(stage) for stage in sorted(found, key=lambda s: order.index(s.name))]

    def _moment(self, stage: Stage) -> _Moment:
        offload, name = self.deployment.knob("offload"), stage.component
        grown = self._upcast.get(name, 0)
        if offload == "none":
            return _Moment(stage, sum(self._weights_of.values()) + grown, frozenset(self._weights_of))
        stays = {n for n in self._weights_of if n != name and self._stays(n, stage)}
        size = self._weights_of.get(name, 0) if offload == "model" else self._largest.get(name, 0)
        size += sum(self._weights_of[n] for n in stays)
        return _Moment(stage, size + grown, frozenset((name, *stays)))

    def _stays(self, name: str, stage: Stage) -> bool:
        """Whether a component is on the GPU while another one works: checkers are not offloaded, and a ControlNet is
        called at every step (``model_cpu_offload_seq``, ``_exclude_from_cpu_offload``).
        """
        if name == "safety_checker":
            return True
        return self.deployment.knob("offload") == "model" and name.startswith("controlnet") and stage.name != "encode"

    def deciding(self, batch: int) -> _Moment | None:
        """The stage with the highest peak."""
        return max(self.moments(batch), key=lambda m: m.total, default=None)

    def held(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The components in memory at the peak."""
        amounts = [self._older(a) for a in self._weight_amounts(share)]
        moment = self.deciding(batch)
        if moment is None:
            return amounts
        kept = [a for a in amounts if a.component in moment.resident]
        if self.deployment.knob("offload") == "sequential":
            kept = [self._one_module(a) if a.component == moment.stage.component else a for a in kept]
        grown = self._upcast.get(moment.stage.component, 0)
        if grown:
            why = "the pipeline turns this decoder's fp16 weights into fp32 before it decodes (force_upcast)"
            kept.append(
                Amount(moment.stage.component, "weights", "upcast", Band(grown, grown, grown), "exact", lambda: why)
            )
        return kept

    def _older(self, amount: Amount) -> Amount:
        """Releases of transformers before 5 keep T5's matrix in fp32 beside matrices of bitsandbytes."""
        more = self._kept.get(amount.component, 0)
        return amount._replace(band=amount.band + Band(0, 0, more)) if more else amount

    def _one_module(self, amount: Amount) -> Amount:
        size = self._largest[amount.component]
        why = f"sequential offload: the largest tensor of {amount.component} at a time; the rest waits in host memory"
        return amount._replace(band=Band(size, size, size + size // 10), basis="estimated", why=lambda: why)

    def caches(self, share: Share, batch: int, context: int) -> list[Amount]:
        """None: a step keeps nothing for the next one."""
        return []

    def facts(self, batch: int, context: int) -> CacheFacts:
        """No cache."""
        return CacheFacts(0, 0, 0)

    def moving(self, share: Share, batch: int, context: int) -> list[Amount]:
        """The peak of the stage that decides; up to the worst of all stages at its high end."""
        moments = self.moments(batch)
        top = self.deciding(batch)
        if self.spec.unknown or top is None:
            return []
        best = top.stage.activations
        high = max(m.weights + m.stage.activations.high + self._stuck(m) for m in moments) - top.weights
        band = Band(best.low, best.best, max(high, best.best))
        label = f"{top.stage.name} peak"
        return [Amount(top.stage.component, "activations", label, band, "estimated", lambda: self._why(top, moments))]

    def _stuck(self, moment: _Moment) -> int:
        """Bytes of components that bitsandbytes quantised and that may not leave the GPU for others: diffusers passes
        over those in 8 bits with older releases of transformers, and published runs in 4 bits reserved as much.
        """
        if self.deployment.knob("offload") != "model":
            return 0
        return sum(self._weights_of[n] + more for n, more in self._kept.items() if n not in moment.resident)

    def _why(self, top: _Moment, moments: list[_Moment]) -> str:
        others = "; ".join(
            f"{m.stage.name} ({m.stage.component}) {m.stage.activations.best:,} bytes on {m.weights:,} of weights"
            for m in moments
            if m != top
        )
        own = f"{top.stage.label}: {self._said(top.stage)}, {self.canvas}"
        stuck = max(map(self._stuck, moments))
        more = f"; high: {stuck:,} bytes of bitsandbytes matrices may stay on the GPU" if stuck else ""
        return f"the {top.stage.name} stage decides, at {own}" + (f"; the others: {others}" if others else "") + more

    def _said(self, stage: Stage) -> str:
        things = {"encode": "prompts of {:,} tokens", "denoise": "latents of {:,} tokens", "decode": "x {:,} positions"}
        return f"{stage.passes:,} " + things[stage.name].format(stage.tokens)

    def overhead(self, share: Share, batch: int, context: int, cache: int, moving: Band) -> list[Amount]:
        """CUDA's context, cuBLAS, and the allocator's slack."""
        framework = CUBLAS + Band(0, moving.best // 25, moving.best // 10)
        return [
            Amount("runtime", "overhead", "CUDA context", CUDA_CONTEXT, "measured", lambda: CUDA_CONTEXT_WHY),
            Amount("runtime", "overhead", "framework", framework, "estimated", lambda: FRAMEWORK_WHY),
        ]

    def asked(self, batch: int, context: int) -> str:
        """Pictures and what is left out or waits."""
        d = self.deployment
        parts = [f"batch {batch:,}", f"{self.canvas}"]
        if d.knob("offload") != "none":
            parts.append(f"{d.knob('offload')} offload")
        if d.knob("vae_tiling"):
            parts.append("tiled decoding")
        if d.knob("drop"):
            parts.append(f"without {d.knob('drop')}")
        return ", ".join(parts)

    def stages(self, batch: int) -> list[dict[str, Any]]:
        """Each stage with its peak, and whether it decides."""
        top = None if self.spec.unknown else self.deciding(batch)
        return [
            {
                "stage": m.stage.name,
                "component": m.stage.component,
                "passes": m.stage.passes,
                "tokens": m.stage.tokens,
                "prompt": m.stage.text,
                "weights": m.weights,
                "activations": m.stage.activations.best,
                "low": m.stage.activations.low,
                "high": m.stage.activations.high,
                "peak": m.total,
                "decides": m == top,
            }
            for m in self.moments(batch)
        ]


def _without(spec: ModelSpec, named: str) -> ModelSpec:
    """The pipeline without some of its components.

    Raises:
        UsageError: it has no such component, or no other.
    """
    drop = {name.strip() for name in named.split(",")}
    names = list(dict.fromkeys(b.component for b in spec.blocks))
    for name in sorted(drop):
        if name not in names:
            raise UsageError(f"--drop {name[:40]!r}: there is no such component.", f"There are: {', '.join(names)}.")
    if drop >= set(names):
        raise UsageError("--drop leaves nothing.", f"There are: {', '.join(names)}.")
    return spec._replace(
        blocks=tuple(b for b in spec.blocks if b.component not in drop),
        diffusion=tuple(w for w in spec.diffusion or () if w.component not in drop),
    )
