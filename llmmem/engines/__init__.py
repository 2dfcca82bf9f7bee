"""Engines: what each one allocates, by its own rules. Branches on an engine's name live only here."""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from llmmem.dtypes import KV_PRECISIONS, precision
from llmmem.errors import LayoutError, UnsupportedArchitectureError
from llmmem.knobs import AUTO, KNOBS, check, kv_precisions

if TYPE_CHECKING:
    from llmmem.deployment import Deployment
    from llmmem.engines.plan import Plan
    from llmmem.gpus import Gpu
    from llmmem.tensors import ModelSpec

#: name on the command line -> module:class
ENGINES = {
    "transformers": "transformers:TransformersPlan",
    "vllm": "vllm.plan:VllmPlan",
    "sglang": "sglang.plan:SglangPlan",
    "llama.cpp": "llamacpp.plan:LlamaCppPlan",
    "tensorrt-llm": "tensorrt_llm:TensorRtLlmPlan",
    "tgi": "tgi:TgiPlan",
    "diffusers": "diffusers.plan:DiffusersPlan",
}

#: whose accelerators an engine is for, where its rules here hold for some alone: TensorRT-LLM is NVIDIA's, TGI's server
#: for CUDA, ROCm and XPU is not the one for Neuron and TPUs, vLLM and SGLang are sized on CUDA and ROCm
MAKERS = {
    "vllm": ("NVIDIA", "AMD"),
    "sglang": ("NVIDIA", "AMD"),
    "tensorrt-llm": ("NVIDIA",),
    "tgi": ("NVIDIA", "AMD", "Intel"),
}


class Band(NamedTuple):
    """Bytes: the best guess and the ends it is believed to lie between; all equal where it is exact."""

    low: int
    best: int
    high: int

    def __add__(self, other: "Band") -> "Band":  # type: ignore[override]
        return Band(self.low + other.low, self.best + other.best, self.high + other.high)


NOTHING = Band(0, 0, 0)


def exactly(size: int) -> Band:
    """A band without width."""
    return Band(size, size, size)


class Amount(NamedTuple):
    """One thing that takes memory on a rank. Its reason is put into words only when somebody reads it."""

    component: str
    #: weights, kv_cache, state, activations, image or overhead
    group: str
    label: str
    band: Band
    #: exact, measured or estimated
    basis: str
    why: Callable[[], str]

    def line(self) -> "Line":
        """The same as a line of a report."""
        low, best, high = self.band
        return Line(self.component, self.group, self.label, best, low, high, self.basis, self.why())


class Line(NamedTuple):
    """One line of a report."""

    component: str
    #: weights, kv_cache, state, activations, image or overhead
    group: str
    label: str
    bytes: int
    low: int
    high: int
    #: exact, measured or estimated
    basis: str
    why: str


class CacheFacts(NamedTuple):
    """What the cache costs, in bytes on the fullest rank; None where the engine has no such thing."""

    #: growth for one more token of one request at this context
    bytes_per_token: int
    #: what the engine holds for one request at this context
    bytes_per_request: int
    #: what the model must remember of one request, windows respected
    window_floor: int
    bytes_per_block: int | None = None
    num_blocks: int | None = None
    pool_bytes: int | None = None
    pool_tokens: int | None = None
    max_concurrency: float | None = None


class Budget(NamedTuple):
    """What an engine that reserves makes of a whole GPU, in bytes on one rank; best guesses."""

    #: as the driver reports it
    total: int
    #: what the engine leaves to others
    reserved: int
    weights: int
    activations: int
    graphs: int
    #: CUDA's context, communicators and what else is not the allocator's
    context: int
    #: everything beside, such as tables
    other: int
    pool: int
    #: not enough for one more block, or not asked for; negative where the engine does not start
    left: int
    #: tokens in the pool, requests of the context at once, and the longest context that one request can have
    tokens: int
    requests: float
    longest_context: int


def runs_on(engine: str, gpu: "Gpu") -> bool:
    """Whether the engine's rules are those of such a GPU; a user's own may be of an unknown maker."""
    return (
        engine not in MAKERS
        or gpu.vendor == "unknown"
        or gpu.vendor.lower() in (maker.lower() for maker in MAKERS[engine])
    )


def needs_maker(engine: str, gpu: "Gpu") -> None:
    """Refuse a GPU that the engine is not made for.

    Raises:
        LayoutError: it is not.
    """
    if not runs_on(engine, gpu):
        made_for = " and ".join(MAKERS[engine])
        raise LayoutError(
            f"{engine} is sized on GPUs of {made_for} alone: {gpu.id} is of {gpu.vendor}.", "Choose another --engine."
        )


def encodes(spec: "ModelSpec") -> bool:
    """Whether the model reads something beside its context, or may: not all of it is known."""
    if spec.unknown or spec.encoder_length or any(b.component == "encoder" for b in spec.blocks):
        return True
    return any(cache.kind == "cross" for b in spec.blocks for cache in b.caches)


def settled(spec: "ModelSpec", deployment: "Deployment", *, among_others: bool = False) -> "Deployment":
    """The deployment with the engine that runs such a model, where none was asked for.

    Args:
        among_others: other models are asked about at once, and options of their engines are passed over here.

    Raises:
        UnsupportedArchitectureError: the engine asked for does not run such models.
        LayoutError: a length for an encoder that the model does not have; a GPU that the engine is not made for.
        UsageError: an option that the engine does not have, or a value of one.
    """
    own = "diffusers" if spec.diffusion is not None else "llama.cpp" if spec.measured == "gguf" else "transformers"
    engine = own if deployment.engine == AUTO else deployment.engine
    if (engine == "diffusers") != (own == "diffusers"):
        what = "a diffusion model" if own == "diffusers" else "no diffusion model"
        raise UnsupportedArchitectureError(
            f"{engine} does not run {spec.architecture}: it is {what}.", f"Leave --engine out, or give --engine {own}."
        )
    if deployment.encoder_length is not None and not (encodes(spec) or own == "diffusers"):
        if not among_others:
            raise LayoutError(f"--encoder-length: {spec.model_type} has no encoder.", "Leave --encoder-length out.")
        deployment = deployment._replace(encoder_length=None)
    if deployment.gpu is not None:
        needs_maker(engine, deployment.gpu)
    knobs = dict(deployment.knobs)
    if among_others and deployment.engine == AUTO:
        knobs = {name: value for name, value in knobs.items() if name in KNOBS[engine]}
    precision(deployment.kv_precision, (*KV_PRECISIONS, *kv_precisions(engine)), "--kv-precision")
    return deployment._replace(engine=engine, knobs=check(engine, knobs))


def make_plan(spec: "ModelSpec", deployment: "Deployment") -> "Plan":
    """The model as the deployment's engine would run it.

    Raises:
        LayoutError: the model cannot be split so.
        UnsupportedArchitectureError: the engine does not run it, or it is stored in a way llmmem does not know.
        UsageError: an option the model or the engine does not take.
    """
    deployment = settled(spec, deployment)
    module, name = ENGINES[deployment.engine].split(":")
    made: Plan = getattr(import_module(f"{__name__}.{module}"), name)(spec, deployment)
    return made
