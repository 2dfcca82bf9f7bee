"""The Python API: what ``from llmmem import ...`` gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmmem.deployment import DEFAULT_CONTEXT, deploy, whole
from llmmem.engines import make_plan, settled
from llmmem.errors import UsageError
from llmmem.fit.search import largest
from llmmem.gpus import find
from llmmem.memory.attention import cache_over
from llmmem.memory.report import MemoryReport
from llmmem.model import Ref, read
from llmmem.sources import Source, load
from llmmem.tensors import ModelSpec


def read_model(
    ref: Ref,
    *,
    revision: str | None = None,
    token: str | None = None,
    offline: bool = False,
    taken_as: str | None = None,
    headers: bool = False,
) -> ModelSpec:
    """The tensors and caches of a model.

    Args:
        ref: an id ("org/name" or "org/name@revision"), a path (config.json or model folder), or a config as a dict.
        revision: branch, tag or commit on the Hub.
        token: a Hugging Face token; default: HF_TOKEN or the one logged in with.
        offline: never ask the Hub.
        taken_as: read the config as this model type, whatever it says.
        headers: read those of a remote model's files too; local ones and those of unknown architectures always are.

    Raises:
        LlmmemError: the model is not found, gated or unreachable, its config is broken, or its architecture unknown.
    """
    return read(ref, revision=revision, token=token, offline=offline, taken_as=taken_as, headers=headers)[0]


def calculate_memory(
    model: Ref | ModelSpec,
    batch_size: int = 1,
    seq_length: int = 2048,
    precision: str = "auto",
    tensor_parallel: int = 1,
    framework_overhead: float | None = None,
    token: str | None = None,
    *,
    engine: str = "auto",
    kv_precision: str = "auto",
    pipeline_parallel: int = 1,
    expert_parallel: int = 1,
    data_parallel: int = 1,
    gpu: str | None = None,
    encoder_length: int | None = None,
    images: int = 0,
    video_frames: int = 0,
    image_size: tuple[int, int] | None = None,
    audio: float = 0,
    revision: str | None = None,
    offline: bool = False,
    taken_as: str | None = None,
    headers: bool = False,
    **knobs: str | int | float | bool | None,
) -> MemoryReport:
    """What a model needs on a deployment.

    Args:
        model: as for ``read_model``, or a ModelSpec.
        batch_size: requests at once.
        seq_length: tokens of one request, prompt and answer (of the decoder in encoder-decoder models).
        precision: "auto" is the checkpoint's own storage; a name (bf16, fp8, int8, nf4, gptq ...) converts it.
        tensor_parallel: ranks that share every layer.
        framework_overhead: a factor on everything else (1.2 = 20 % on top); None: the engine's own model.
        engine: what runs the model; "auto" is llama.cpp for GGUF files, diffusers for pipelines and their components,
            transformers for everything else.
        kv_precision: element type of the KV cache; "auto" is the compute dtype.
        pipeline_parallel, expert_parallel, data_parallel: ranks, where the engine has such.
        gpu: a GPU of the catalogue, for engines whose defaults depend on it; transformers' do not.
        encoder_length: tokens the encoder reads; default: the model's own frames, or ``seq_length``.
        images: pictures per request; ``image_size`` is (height, width) in pixels.
        video_frames: frames of a film per request, of ``image_size`` too.
        audio: seconds of sound per request.
        taken_as: read the config as this model type, whatever it says.
        headers: as for ``read_model``.
        knobs: the engine's own options under its own names (``llmmem.knobs.KNOBS``); None: not given.

    Returns:
        A MemoryReport; sizes in bytes on the fullest rank.

    Raises:
        LlmmemError: see ``read_model``; a layout the model cannot have; an unknown precision, engine or option.
    """
    given = dict(locals())
    made = _report(given)
    if seq_length != DEFAULT_CONTEXT:
        made.plan.needs_context("seq_length")
    return made


def _report(given: dict[str, Any], *, among_others: bool = False) -> MemoryReport:
    """The report of ``calculate_memory`` with these arguments; a context is for those models that have one."""
    model = given["model"]
    if isinstance(model, ModelSpec):
        spec, source = model, Source({}, "", "spec")
    else:
        reading = {name: given[name] for name in ("revision", "token", "offline", "taken_as", "headers")}
        spec, source = read(model, **reading)
    gpu = given["gpu"]
    deployment = deploy(
        engine=given["engine"],
        precision_name=given["precision"],
        kv_precision=given["kv_precision"],
        batch=given["batch_size"],
        context=given["seq_length"],
        encoder_length=given["encoder_length"],
        tp=given["tensor_parallel"],
        pp=given["pipeline_parallel"],
        ep=given["expert_parallel"],
        dp=given["data_parallel"],
        gpu=None if gpu is None else find(gpu),
        images=given["images"],
        video_frames=given["video_frames"],
        image_size=given["image_size"],
        audio=given["audio"],
        overhead=given["framework_overhead"],
        knobs={name: value for name, value in given["knobs"].items() if value is not None},
    )
    made = make_plan(spec, settled(spec, deployment, among_others=among_others))
    return MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)


def compare_models(models: Sequence[Ref | ModelSpec], **options: Any) -> list[MemoryReport]:
    """One report per model under the same deployment; options as for ``calculate_memory``, each for the models that
    have it.
    """
    from inspect import signature

    if isinstance(models, str | dict) or not isinstance(models, Sequence):
        raise UsageError("compare_models takes a list of models.", 'Such as ["org/name", "org/other"].')
    reports = []
    for model in models:
        bound = signature(calculate_memory).bind(model, **options)
        bound.apply_defaults()
        reports.append(_report(bound.arguments, among_others=len(models) > 1))
    return reports


def estimate_max_batch_size(
    model: Ref | ModelSpec, gpu_memory_gb: float, seq_length: int = 2048, precision: str = "auto", **options: Any
) -> int:
    """The largest batch whose total is at most ``gpu_memory_gb`` x 10**9 bytes; 0: not even one fits.

    Raises:
        UsageError: a memory size that is not a positive number.
        LlmmemError: as ``calculate_memory``.
    """
    if isinstance(gpu_memory_gb, bool) or not isinstance(gpu_memory_gb, int | float) or not 0 < gpu_memory_gb < 1e9:
        raise UsageError(f"gpu_memory_gb {str(gpu_memory_gb)[:40]} is out of range.", "Give gigabytes, such as 80.")
    report = calculate_memory(model, seq_length=seq_length, precision=precision, **options)
    made, limit = report.plan, int(gpu_memory_gb * 10**9)
    made.all_known()
    return largest(lambda n: made.total(n, seq_length).best, limit, made.most_batch)


def analyze_attention_efficiency(
    model: Ref | ModelSpec,
    seq_lengths: Sequence[int] = (1024, 2048, 4096, 8192, 16384, 32768),
    batch_size: int = 1,
    **options: Any,
) -> dict[str, Any]:
    """KV cache and state over contexts.

    Returns:
        ``{"model", "attention_type", "results"}``; results maps each context to ``kv_cache_bytes``, ``kv_cache_gb``,
        ``state_bytes``, ``state_gb``, ``bytes_per_token``, ``total_memory_gb`` and ``kv_cache_percent`` (of the total).

    Raises:
        LlmmemError: as ``calculate_memory``.
    """
    results: dict[int, dict[str, float]] = {}
    if isinstance(seq_lengths, str) or not isinstance(seq_lengths, Sequence) or not seq_lengths:
        raise UsageError("There are no contexts to look at.", "Give a list of at least one, such as [4096].")
    report = calculate_memory(model, batch_size=batch_size, **options)
    report.plan.needs_context("seq_lengths")
    for context in seq_lengths:
        whole(context, "--contexts", 1, 1 << 30)
        kv, state, total = cache_over(report.plan, batch_size, context)
        results[context] = {
            "kv_cache_bytes": kv,
            "kv_cache_gb": kv / 10**9,
            "state_bytes": state,
            "state_gb": state / 10**9,
            "bytes_per_token": report.plan.facts(batch_size, context).bytes_per_token,
            "kv_cache_percent": 100 * kv / total,
            "total_memory_gb": total / 10**9,
        }
    return {"model": report.reference, "attention_type": report.attention_type, "results": results}


def analyze_hf_model(model_id: Ref, **options: Any) -> dict[str, Any]:
    """Everything about one model: its facts, its components and its report under the deployment asked for.

    Args:
        options: as for ``calculate_memory``.

    Returns:
        ``{"model", "deployment", "memory", "cache", "lines", ...}`` as ``--json`` prints it, with ``"components"``
        (parameters by component), ``"unloaded_parameters"`` and ``"report"`` (the MemoryReport) beside.
    """
    report = calculate_memory(model_id, **options)
    components: dict[str, int] = {}
    for block in report.spec.blocks:
        size = len(block.layers) * sum(t.elements for t in block.tensors if t.role != "buffer")
        components[block.component] = components.get(block.component, 0) + size
    return {
        **report.to_dict(),
        "components": components,
        "unloaded_parameters": report.spec.unloaded_parameters,
        "report": report,
    }


class ModelMemoryCalculator:
    """``calculate_memory`` with a deployment kept: options given here hold for every model asked about."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def calculate_total_memory(self, model: Ref | ModelSpec, **options: Any) -> MemoryReport:
        """The report of one model; options given here win over those of the calculator."""
        return calculate_memory(model, **{**self.options, **options})


class UniversalParameterCounter:
    """Counts parameters of any model llmmem knows: each tied tensor once, buffers excluded."""

    def count_parameters(self, model: Ref) -> int:
        """All parameters of the loaded model."""
        return read_model(model).parameters

    def count_active_parameters(self, model: Ref) -> int:
        """Parameters one token uses: of the experts only those it is routed to."""
        return read_model(model).active_parameters


class HuggingFaceConfigLoader:
    """Finds config.json of a model: catalogue, local files, the Hugging Face cache, the Hub."""

    def __init__(self, token: str | None = None, offline: bool = False) -> None:
        self.token = token
        self.offline = offline

    def get_model_config(self, model_id: Ref, revision: str | None = None) -> dict[str, Any]:
        """The config as a dict.

        Raises:
            LlmmemError: not found, gated, unreachable, or not a config.
        """
        return load(model_id, revision=revision, token=self.token, offline=self.offline).raw
