"""``llmmem max-batch``: the largest batch and the longest context that a GPU holds."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from llmmem.cli import options as o


@o.with_knobs
def max_batch(
    model: o.Model,
    gpu: o.GpuNames = None,
    gpus_file: o.GpusFile = None,
    gpu_memory: Annotated[
        str | None, typer.Option("--gpu-memory", metavar="SIZE", help="Memory that programs can use, such as 80GiB.")
    ] = None,
    precision: o.Precision = "auto",
    batch: Annotated[int, typer.Option("--batch", help="Batch the longest context is worked out for.")] = 1,
    context: o.ContextLength = None,
    kv_precision: o.KvPrecision = "auto",
    tp: o.Tp = 1,
    pp: o.Pp = 1,
    ep: o.Ep = 1,
    dp: o.Dp = 1,
    engine: o.Engine = "transformers",
    encoder_length: o.EncoderLength = None,
    images: o.Images = 0,
    image_size: o.ImageSize = None,
    overhead: o.Overhead = None,
    taken_as: o.TakenAs = None,
    revision: o.Revision = None,
    token: o.Token = None,
    offline: o.Offline = False,
    as_json: o.Json = False,
    output: o.Format = "table",
    check: o.Check = False,
    *,
    knobs: dict[str, Any],
) -> o.Outcome:
    """The largest batch at a context, and the longest context at a batch, that fit.

    \b
    llmmem max-batch meta-llama/Llama-3.1-8B --gpu h100 --context 8k
    llmmem max-batch ./my-model --gpu-memory 80GiB
    """
    from llmmem.errors import UsageError

    form = o.form(output, as_json)
    d = o.deployment(locals())
    if gpu and gpu_memory:
        raise UsageError("--gpu and --gpu-memory are both given.", "Give one of them.")
    from llmmem.units import parse_bytes

    sizes = [(None, parse_bytes(gpu_memory))] if gpu_memory else [(g, g.usable_bytes) for g in o.gpus(gpu, gpus_file)]
    from llmmem.engines import make_plan
    from llmmem.fit import max_batch as largest_batch
    from llmmem.fit import max_context as longest_context
    from llmmem.memory.report import MemoryReport
    from llmmem.model import read
    from llmmem.render.max_batch import Limit, answer

    spec, source = read(model, revision=revision, token=token, offline=offline, taken_as=taken_as)
    made = make_plan(spec, o.within(d, spec, context))
    report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
    limits = [
        Limit(g, usable, largest_batch(made, usable, report.deployment.context), longest_context(made, usable, batch))
        for g, usable in sizes
    ]
    status = 3 if check and not all(limit.max_batch >= d.batch for limit in limits) else 0
    return answer(report, limits, status=status), form
