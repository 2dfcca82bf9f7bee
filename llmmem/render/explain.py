"""Every component and layer kind of a model with its tensors and caches, as plain data for --explain."""

from __future__ import annotations

from math import prod
from typing import Any

from llmmem.memory.report import MemoryReport


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
