"""``llmmem compare``: several models, or several deployments of them, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmmem.cli import options as o

if TYPE_CHECKING:
    from llmmem.cli.deployments import Entry
    from llmmem.fit.capacity import Case, Unanswered


@o.with_knobs
def compare(
    ctx: typer.Context,
    models: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL...", help="Ids, paths, or - for one config on stdin.")
    ] = None,
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
    taken_as: o.TakenAs = None,
    headers: o.Headers = False,
    revision: o.Revision = None,
    token: o.Token = None,
    offline: o.Offline = False,
    as_json: o.Json = False,
    output: o.Format = None,
    file: o.OutputFile = None,
    check: o.Check = False,
    fail_over: o.FailOver = None,
    deployments: Annotated[
        str | None,
        typer.Option("--file", metavar="FILE", help="A YAML list of deployments: model, name, budget and any option."),
    ] = None,
    sort: Annotated[
        str | None, typer.Option("--sort", metavar="COLUMN", help="Order by a column, such as total or -parameters.")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option("--baseline", metavar="FILE", help="What grew since this --json report.")
    ] = None,
    junit: Annotated[
        str | None, typer.Option("--junit", metavar="FILE", help="With --check: write the verdicts as JUnit XML.")
    ] = None,
    summary: Annotated[
        str | None,
        typer.Option(
            "--summary", metavar="FILE", help="Write the answer as Markdown too. [default: GITHUB_STEP_SUMMARY's]"
        ),
    ] = None,
    *,
    knobs: dict[str, Any],
) -> o.Outcome:
    """Several models, or several deployments, side by side; with --check a test for CI.

    \b
    llmmem compare meta-llama/Llama-3.1-8B google/gemma-3-4b-it --context 32k --gpu l4
    llmmem compare --file deployments.yaml --sort total
    llmmem compare --file deployments.yaml --check --junit capacity.xml
    llmmem compare --file deployments.yaml --baseline last-week.json
    """
    from llmmem.errors import LlmmemError, UsageError
    from llmmem.units import parse_bytes

    form = o.form(output, as_json, file)
    given = locals()
    names = models or []
    if names.count("-") > 1:
        raise UsageError("- is given twice, but there is one stdin.", "Give the other model as a path.")
    if junit and not check:
        raise UsageError("--junit writes down verdicts, which need --check.", "Add --check.")
    allowed = None if fail_over is None else parse_bytes(fail_over)
    asked = _asked(ctx, deployments, names, given)
    for entry in asked:
        if check and not entry.given["gpu"] and entry.budget is None and allowed is None:
            of = f"{entry.where}: " if entry.where else ""
            raise UsageError(f"{of}--check needs a GPU or a budget to check against.", "Add --gpu NAME.")

    from llmmem.cli.baseline import saved
    from llmmem.fit.capacity import Unanswered, named
    from llmmem.render.compare import answer, in_order

    before = saved(baseline) if baseline else None
    read: dict[tuple[Any, ...], Any] = {}
    found_out: list[Case] = []
    unanswered: list[Unanswered] = []
    for entry in asked:
        try:
            found_out.append(_case(entry, allowed, given, read))
        except LlmmemError as error:
            # A check of a file goes on: the others are still worth a verdict. Words that make no sense stop it.
            if not (check and entry.where) or isinstance(error, UsageError):
                raise
            name = entry.name or str(entry.model)
            unanswered.append(Unanswered(name, entry.given["engine"], error, entry.line))
    if not found_out:
        _publish(None, [], unanswered, deployments or "", junit, summary, check)
        raise unanswered[0].error
    cases = named(found_out)
    if sort:
        cases = in_order(cases, sort)
    failed = check and not all(case.passed for case in cases)
    failed = failed or (allowed is not None and any(case.over for case in cases))
    status = 1 if unanswered else 3 if failed else 0
    found = answer(cases, unanswered, before, baseline or "", checked=check, status=status)
    _publish(found, cases, unanswered, deployments or "", junit, summary, check)
    return found, form


def _asked(ctx: typer.Context, file: str | None, models: list[str], given: dict[str, Any]) -> list[Entry]:
    """The deployments to compare: those of the file, and each MODEL under the options given and under every
    deployment of the file that names no model."""
    from llmmem.cli.deployments import Entry, entries
    from llmmem.errors import UsageError

    if file is None:
        if not models:
            raise UsageError("Missing argument 'MODEL...'.", "Give models, or deployments with --file.")
        return [Entry(given, model) for model in models]
    found = entries(ctx, file, given)
    open_ = [entry for entry in found if entry.model is None]
    if open_ and not models:
        raise UsageError(f"{open_[0].where} has no model.", "Add one there, or give MODEL on the command line.")
    out = [] if open_ else [Entry(given, model) for model in models]
    for entry in found:
        if entry.model is not None:
            out.append(entry)
        for model in models if entry.model is None else ():
            name = f"{model}, {entry.name}" if entry.name and len(models) > 1 else entry.name
            out.append(entry._replace(model=model, name=name))
    return out


def _case(entry: Entry, allowed: int | None, shared: dict[str, Any], read: dict[tuple[Any, ...], Any]) -> Case:
    """The report of one deployment, and its verdict on the GPUs it names; a model is read once."""
    from llmmem import model as models
    from llmmem.cli.deployments import located
    from llmmem.fit import fit_table
    from llmmem.fit.capacity import Case
    from llmmem.memory.report import MemoryReport

    given = {**entry.given, "model": entry.model}
    with located(entry.where):
        d = o.deployment(given)
        listed = o.gpus(given["gpu"], given["gpus_file"], d.engine)
        chosen = listed if given["gpu"] else ()
        key = (entry.model, given["revision"], given["taken_as"], given["headers"])
        if key not in read:
            read[key] = models.read(
                entry.model or "",
                revision=given["revision"],
                token=shared["token"],
                offline=shared["offline"],
                taken_as=given["taken_as"],
                headers=given["headers"],
            )
        spec, source = read[key]
        made = o.planned(d, spec, given, listed, among_others=not entry.where)
        report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
        fits = tuple(fit_table(made, chosen))
    return Case(entry.name, report, fits, allowed if entry.budget is None else entry.budget, entry.line)


def _publish(
    found: Any,
    cases: list[Case],
    unanswered: list[Unanswered],
    file: str,
    junit: str | None,
    summary: str | None,
    check: bool,
) -> None:
    """What CI systems read beside the answer: JUnit XML, a summary of it where there is one, annotations."""
    import os

    if junit:
        from llmmem.render.ci import write_junit

        write_junit(junit, cases, unanswered)
    if summary and found:
        from llmmem.render.ci import write_summary

        write_summary(summary, found)
    if check and os.environ.get("GITHUB_ACTIONS") == "true":
        from llmmem.render.ci import annotate, write_summary

        annotate(cases, unanswered, file)
        if found and not summary and (own := os.environ.get("GITHUB_STEP_SUMMARY")):
            write_summary(own, found, append=True)
