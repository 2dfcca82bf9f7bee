"""``llmmem gpus``: the catalogue of GPUs."""

from __future__ import annotations

from typing import Annotated

import typer

from llmmem.cli import options as o


def gpus(
    vendor: Annotated[str | None, typer.Option("--vendor", help="Only this vendor (NVIDIA, AMD, Apple ...).")] = None,
    min_memory: Annotated[
        str | None, typer.Option("--min-memory", metavar="SIZE", help="Only with at least this much usable memory.")
    ] = None,
    gpu: o.GpuNames = None,
    gpus_file: o.GpusFile = None,
    local: Annotated[bool, typer.Option("--local", help="This machine's own, and what is free on them.")] = False,
    as_json: o.Json = False,
    output: o.Format = None,
    file: o.OutputFile = None,
) -> o.Outcome:
    """The GPUs llmmem knows: memory, what programs can use of it, bandwidth, peak rates, interconnect.

    \b
    llmmem gpus --vendor NVIDIA --min-memory 40GiB
    llmmem gpus --local
    """
    form = o.form(output, as_json, file)

    from llmmem.gpus import find, select
    from llmmem.gpus.user import own_gpus
    from llmmem.render.gpus import answer
    from llmmem.units import parse_bytes

    least = None if min_memory is None else parse_bytes(min_memory)
    if local:
        from llmmem.gpus.local import local as devices

        return answer(devices()), form
    own = own_gpus(gpus_file)
    found = tuple(find(name, own) for name in gpu) if gpu else select(vendor=vendor, min_memory=least, own=own)
    return answer(found), form
