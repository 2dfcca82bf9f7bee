"""``llmmem calc``: what one model needs on one deployment, and which GPUs hold it."""

from __future__ import annotations

from typing import Any

from llmmem.cli import options as o


@o.with_knobs
def calc(
    model: o.Model,
    precision: o.Precision = "auto",
    batch: o.Batch = 1,
    context: o.ContextLength = None,
    kv_precision: o.KvPrecision = "auto",
    tp: o.Tp = 1,
    pp: o.Pp = 1,
    ep: o.Ep = 1,
    dp: o.Dp = 1,
    engine: o.Engine = "auto",
    gpu: o.GpuNames = None,
    gpus: o.Gpus = None,
    gpus_file: o.GpusFile = None,
    encoder_length: o.EncoderLength = None,
    images: o.Images = 0,
    video_frames: o.VideoFrames = 0,
    image_size: o.ImageSize = None,
    audio: o.Audio = 0,
    overhead: o.Overhead = None,
    explain: o.Explain = False,
    emit: o.Emit = None,
    against: o.Against = None,
    taken_as: o.TakenAs = None,
    headers: o.Headers = False,
    revision: o.Revision = None,
    token: o.Token = None,
    offline: o.Offline = False,
    as_json: o.Json = False,
    output: o.Format = None,
    file: o.OutputFile = None,
    quiet: o.Quiet = False,
    unit: o.Unit = None,
    check: o.Check = False,
    fail_over: o.FailOver = None,
    *,
    knobs: dict[str, Any],
) -> o.Outcome:
    """How much memory a model needs, line by line, and which GPUs hold it.

    \b
    llmmem calc meta-llama/Llama-2-7b-hf --precision int8
    llmmem calc ./my-model --batch 8 --context 32k --gpu h100 --check
    llmmem calc Qwen/Qwen3-8B --engine vllm --gpu l40s --context 32k
    llmmem calc model-Q4_K_M.gguf --gpu rtx-4090 --context 16k
    llmmem calc deepseek-ai/DeepSeek-V3 --gpu h100 --gpus 16 --emit vllm
    total=$(llmmem calc ./my-model --quiet --unit MiB)
    """
    form = o.form(output, as_json, file, quiet, unit)
    engine = o.serving(engine, emit)
    reading = o.reading(model, against, engine) if against else None
    engine = reading.engine if reading else engine
    given = locals()
    d = o.deployment(given)
    if check and not gpu:
        from llmmem.errors import UsageError

        raise UsageError("--check needs a GPU to check against.", "Add --gpu NAME.")
    chosen = o.gpus(gpu, gpus_file, d.engine)
    from llmmem.units import parse_bytes

    budget = None if fail_over is None else parse_bytes(fail_over)
    from llmmem.fit import fit_table
    from llmmem.fit.advice import advice
    from llmmem.fit.capacity import excess
    from llmmem.memory.report import MemoryReport
    from llmmem.model import read
    from llmmem.render.calc import answer, served

    spec, source = read(model, revision=revision, token=token, offline=offline, taken_as=taken_as, headers=headers)
    made = o.planned(d, spec, given, chosen)
    report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
    command = report.command() if emit else None
    fits = fit_table(made, chosen)
    # Advice is worked out for GPUs that were asked about, not for the whole list.
    changes = {row.gpu.id: advice(made, row.gpu) for row in fits if gpu and row.fits is False and not spec.unknown}
    over = excess(report, budget)
    status = 3 if over or (check and not all(row.fits for row in fits)) else 0
    found = answer(report, fits, changes, explain=explain, status=status)
    if reading:
        from llmmem.memory import against as beside
        from llmmem.render.against import compared

        found = compared(found, *beside.against(report, reading))
    if command:
        found = served(found, command, fits if gpu else [])
    return found._replace(notes=(*found.notes, *over)), form
