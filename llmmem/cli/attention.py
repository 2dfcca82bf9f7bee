"""``llmmem attention``: how KV cache and state grow with the context."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from llmmem.cli import options as o

#: looked at when --contexts is not given
DEFAULT_CONTEXTS = "1024,4096,16384,65536"


@o.with_knobs
def attention(
    model: o.Model,
    contexts: Annotated[
        str | None,
        typer.Option("--contexts", metavar="TOKENS,...", help="Contexts to look at. [default: 1024,4096,16384,65536]"),
    ] = None,
    precision: o.Precision = "auto",
    batch: o.Batch = 1,
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
    *,
    knobs: dict[str, Any],
) -> o.Outcome:
    """KV cache and state over contexts: bytes, growth per token, share of the total.

    \b
    llmmem attention google/gemma-3-27b-it --contexts 1024,8192,131072
    """
    from llmmem.units import parse_count

    form = o.form(output, as_json, file)
    lengths = [parse_count(part) for part in (contexts or DEFAULT_CONTEXTS).split(",")]
    d = o.deployment({**locals(), "context": str(lengths[0])})
    from llmmem.engines import make_plan
    from llmmem.memory.report import MemoryReport
    from llmmem.model import read
    from llmmem.render.attention import answer

    spec, source = read(model, revision=revision, token=token, offline=offline, taken_as=taken_as, headers=headers)
    made = make_plan(spec, d)
    if contexts is not None:
        made.needs_context("--contexts")
    report = MemoryReport(made, reference=source.id, source=source.source, notes=source.notes)
    return answer(report, lengths), form
