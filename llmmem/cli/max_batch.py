"""``llmmem max-batch``: the largest batch and the longest context that a GPU holds."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from llmmem.cli import options as o

#: what --for takes
TARGETS = ("batch", "context", "concurrency", "gpus", "precision")


@o.with_knobs
def max_batch(
    model: o.Model,
    gpu: o.GpuNames = None,
    gpus: o.Gpus = None,
    gpus_file: o.GpusFile = None,
    gpu_memory: Annotated[
        str | None, typer.Option("--gpu-memory", metavar="SIZE", help="Memory that programs can use, such as 80GiB.")
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--for", metavar="WHAT", help="What is asked: batch context concurrency gpus precision."),
    ] = None,
    contexts: Annotated[
        str | None, typer.Option("--contexts", metavar="TOKENS,...", help="A grid: the largest batch at each of these.")
    ] = None,
    precision: o.Precision = "auto",
    batch: Annotated[int, typer.Option("--batch", help="Batch the longest context is worked out for.")] = 1,
    context: o.ContextLength = None,
    kv_precision: o.KvPrecision = "auto",
    tp: o.Tp = 1,
    pp: o.Pp = 1,
    ep: o.Ep = 1,
    dp: o.Dp = 1,
    engine: o.Engine = "auto",
    encoder_length: o.EncoderLength = None,
    images: o.Images = 0,
    video_frames: o.VideoFrames = 0,
    image_size: o.ImageSize = None,
    audio: o.Audio = 0,
    overhead: o.Overhead = None,
    taken_as: o.TakenAs = None,
    headers: o.Headers = False,
    revision: o.Revision = None,
    token: o.Token = None,
    offline: o.Offline = False,
    as_json: o.Json = False,
    output: o.Format = None,
    file: o.OutputFile = None,
    check: o.Check = False,
    *,
    knobs: dict[str, Any],
) -> o.Outcome:
    """The largest batch at a context, and the longest context at a batch, that fit.

    \b
    llmmem max-batch meta-llama/Llama-3.1-8B --gpu h100 --context 8k
    llmmem max-batch ./my-model --gpu-memory 80GiB
    llmmem max-batch deepseek-ai/DeepSeek-V3 --gpu h200 --for gpus
    """
    from llmmem.errors import UsageError
    from llmmem.units import parse_bytes, parse_count

    form = o.form(output, as_json, file)
    given = locals()
    d = o.deployment(given)
    if gpu and gpu_memory:
        raise UsageError("--gpu and --gpu-memory are both given.", "Give one of them.")
    if target is not None and target not in TARGETS:
        raise UsageError(f"--for {target[:40]!r} is unknown.", f"Known: {', '.join(TARGETS)}.")
    if gpu_memory and (gpus or target in ("gpus", "precision", "concurrency")):
        raise UsageError("--gpu-memory says nothing of the GPU, and this needs one.", "Give --gpu NAME instead.")
    if contexts and target not in (None, "batch"):
        raise UsageError(f"--contexts asks for batches, and --for {target} does not.", "Leave one of them out.")
    if check and not gpu and not gpu_memory:
        raise UsageError("--check needs a GPU to check against.", "Add --gpu NAME or --gpu-memory SIZE.")
    memory = parse_bytes(gpu_memory) if gpu_memory else None
    chosen = o.gpus(gpu, gpus_file, d.engine)
    grid = tuple(parse_count(part) for part in contexts.split(",")) if contexts else ()

    from llmmem.fit.limits import limit
    from llmmem.memory.report import MemoryReport
    from llmmem.model import read
    from llmmem.render.max_batch import answer

    spec, source = read(model, revision=revision, token=token, offline=offline, taken_as=taken_as, headers=headers)
    made = o.planned(d, spec, given, chosen)
    if grid or target == "context":
        made.needs_context("--contexts" if grid else "--for context")
    report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
    sizes = [(None, memory)] if memory else [(device, None) for device in chosen]
    limits = [limit(made, device, size, target, grid) for device, size in sizes]
    status = 3 if check and not all(row.max_batch >= d.batch for row in limits) else 0
    return answer(report, limits, target, status=status), form
