"""Every component and layer kind of a model with its tensors and caches, as plain data for --explain."""

from __future__ import annotations

from math import prod
from typing import Any

from llmmem.memory.report import GROUPS, MemoryReport
from llmmem.render import gib


def layer_ranges(layers: Any) -> str:
    """ "layers 0-2, 5 (4)" of [0, 1, 2, 5]."""
    parts: list[list[int]] = []
    for i in layers:
        if parts and i == parts[-1][1] + 1:
            parts[-1][1] = i
        else:
            parts.append([i, i])
    shown = [str(a) if a == b else f"{a}-{b}" for a, b in parts]
    text = ", ".join(shown[:8]) + (", ..." if len(shown) > 8 else "")
    return f"layers {text} ({len(layers)})"


def explained(report: MemoryReport) -> list[dict[str, Any]]:
    """One entry per block: component, layers, tensors (as one rank holds them) and what its caches cost."""
    out = []
    for block, sizes in report.plan.block_sizes():
        tensors = [
            {
                "name": block.prefix + t.name,
                "shape": list(t.shape),
                "count": t.copies * len(block.layers),
                "dtype": t.dtype,
                "bytes": size,
            }
            for t, size in zip(block.tensors, sizes, strict=True)
        ]
        out.append(
            {
                "component": block.component,
                "layers": layer_ranges(block.layers) if "{}" in block.prefix else "once",
                "loaded": block.loaded,
                "bytes": sum(sizes),
                "elements": sum(prod(t.shape) * t.copies for t in block.tensors) * len(block.layers),
                "tensors": tensors,
                "caches": [cache._asdict() for cache in block.caches],
            }
        )
    return out


_WORDS = {
    "weights": "weights: every tensor, elements x bytes of its type",
    "kv_cache": "KV cache: what attention keeps of every token",
    "state": "state: what a recurrent layer keeps, however long the text",
    "activations": "activations: alive at the peak of reading the prompt",
    "image": "pictures: their embeddings and the tower that reads them",
    "overhead": "overhead: what stands beside the model",
}


def explained_tree(report: MemoryReport, parts: list[dict[str, Any]]) -> tuple[str, ...]:
    """The total taken apart, group by group and tensor by tensor, with the numbers it is worked out from."""
    total = "" if report.spec.unknown else f" {gib(report.total_memory_bytes)} GiB"
    out = [f"total{total} on the fullest rank"]
    groups = [g for g in GROUPS if any(line.group == g for line in report.lines)]
    for group in groups:
        lines = [line for line in report.lines if line.group == group]
        out += _branch(1, f"{_WORDS[group]} = {gib(sum(line.bytes for line in lines))} GiB")
        for line in lines:
            out += _branch(2, f"{line.component}, {line.label}: {line.bytes:,} bytes ({line.basis})")
            out += _branch(3, f"{line.why}")
            if group == "weights":
                for part in (p for p in parts if p["component"] == line.component):
                    out += _part(part)
    for part in (p for p in parts if not p["loaded"]):
        out += _branch(1, f"not loaded: {part['component']}, {part['layers']}: {part['bytes']:,} bytes")
    return tuple(out)


def _branch(depth: int, text: str) -> list[str]:
    return ["  " * depth + ("- " if depth else "") + text]


def _part(part: dict[str, Any]) -> list[str]:
    if not part["loaded"]:
        return []
    out = _branch(3, f"{part['layers']}: {part['bytes']:,} bytes")
    for t in part["tensors"]:
        shape = " x ".join(map(str, t["shape"])) or "1"
        times = f", {t['count']:,} of them" if t["count"] > 1 else ""
        out += _branch(4, f"{t['name']}: {shape} {t['dtype']}{times} = {t['bytes']:,} bytes")
    return out
