"""The answer of ``gpus``."""

from __future__ import annotations

from typing import Any

from llmmem.gpus import Gpu
from llmmem.render import Answer, Chart, Column, Table, gib


def gpu_name(identifier: Any) -> str:
    """A GPU's id as people see it."""
    return str(identifier)


def _number(value: Any) -> str:
    return "-" if value is None else f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def gpu_data(gpu: Gpu) -> dict[str, Any]:
    """One catalogue entry as plain data."""
    return gpu._asdict() | {"aliases": list(gpu.aliases), "usable_bytes": gpu.usable_bytes}


def answer(gpus: tuple[Gpu, ...]) -> Answer:
    """The catalogue as a table."""
    columns = (
        Column("id", "GPU", right=False),
        Column("name", "name", right=False, wide=True),
        Column("vendor", "vendor", right=False, wide=True),
        Column("memory_gb", "GB", _number),
        Column("usable_bytes", "usable", gib),
        Column("usable_bytes", "", right=False, wide=True, bar=True),
        Column("usable_basis", "basis", _text, right=False, wide=True),
        Column("bandwidth_gbs", "GB/s", _number),
        Column("fp16_tflops", "fp16 TFLOPS", _number),
        Column("fp8_tflops", "fp8 TFLOPS", _number, wide=True),
        Column("interconnect", "interconnect", _text, right=False),
    )
    rows = [gpu_data(gpu) for gpu in gpus]
    closing = (f"{len(rows)} GPUs. Usable is what programs can have, in GiB (2^30 bytes).",)
    labels, sizes = tuple(gpu.id for gpu in gpus), tuple(float(gpu.usable_bytes) for gpu in gpus)
    chart = Chart("bars", "Memory that programs can have on one device", labels, (("", sizes),))
    return Answer("gpus", {"gpus": rows}, (), (Table(columns, rows),), closing, chart=chart)
