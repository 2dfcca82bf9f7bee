"""Stored bytes against the index files of published checkpoints: equal, or every tensor that differs is named."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from llmmem import read_model
from llmmem.checkpoint import store
from llmmem.dtypes import nbytes

ROWS = json.loads((Path(__file__).parent / "fixtures" / "published_bytes.json").read_text())["rows"]


def stored_bytes(row: dict[str, Any]) -> int:
    """Bytes of what the config describes, without the part that the row says its files lack."""
    stored = store(read_model(row.get("config", row["model"])), row.get("dtype", "auto"))
    assert stored.basis == "exact" or "dtype" in row
    parts = [
        ("unloaded" if not b.loaded else b.component, nbytes(t.elements, t.dtype or "") * len(b.layers))
        for b in stored.spec.blocks
        for t in b.tensors
    ]
    lacks = row.get("lacks")
    assert lacks is None or lacks in dict(parts)
    return sum(size for part, size in parts if part != lacks)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["model"])
def test_total_size_tensor_by_tensor(row: dict[str, Any]) -> None:
    besides = sum(
        prod(shape) * times // 8 if dtype == "bit" else nbytes(prod(shape), dtype) * times
        for _, dtype, shape, times in row.get("besides", ())
    )
    assert stored_bytes(row) + besides == row["bytes"]
    assert ("why" in row) == bool({"besides", "lacks", "dtype"} & {*row})


def test_an_unstated_dtype_is_an_estimate_of_the_most_it_can_be() -> None:
    for row in ROWS:
        if "dtype" in row:
            stored = store(read_model(row.get("config", row["model"])), "auto")
            assert stored.basis == "estimated"
            assert "states no dtype" in stored.why


def test_most_rows_are_equal_without_a_word() -> None:
    assert len(ROWS) >= 45
    assert sum("why" not in row for row in ROWS) >= 35
