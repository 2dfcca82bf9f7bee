"""``llmmem compare``: several models side by side under one deployment."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from llmmem.cli import options as o


@o.with_knobs
def compare(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Ids, paths, or - for one config on stdin.")],
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
    image_size: o.ImageSize = None,
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
    """Several models side by side under the same deployment.

    \b
    llmmem compare meta-llama/Llama-3.1-8B google/gemma-3-4b-it --context 32k --gpu l4
    """
    from llmmem.errors import UsageError

    form = o.form(output, as_json, file)
    given = locals()
    d = o.deployment(given)
    if check and not gpu:
        raise UsageError("--check needs a GPU to check against.", "Add --gpu NAME.")
    if models.count("-") > 1:
        raise UsageError("- is given twice, but there is one stdin.", "Give the other model as a path.")
    chosen = o.gpus(gpu, gpus_file) if gpu else ()

    from llmmem.fit import fit_table
    from llmmem.memory.report import MemoryReport
    from llmmem.model import read
    from llmmem.render.compare import answer

    rows = []
    for model in models:
        spec, source = read(model, revision=revision, token=token, offline=offline, taken_as=taken_as, headers=headers)
        made = o.planned(d, spec, given, chosen or o.gpus(None, gpus_file))
        report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
        rows.append((report, fit_table(made, chosen)))
    status = 3 if check and not all(fit.fits for _, fits in rows for fit in fits) else 0
    return answer(rows, status=status), form
