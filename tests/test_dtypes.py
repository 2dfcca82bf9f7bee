"""Element types and block formats: sizes from the GGUF library's own table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmmem.dtypes import BLOCKS, canonical, nbytes

GGML = json.loads((Path(__file__).parent / "fixtures" / "ggml_types.json").read_text())


@pytest.mark.parametrize("name", GGML)
def test_every_ggml_type_has_its_size(name: str) -> None:
    length, size = GGML[name]
    dtype = canonical(name)
    assert nbytes(length * 7, dtype) == size * 7
    assert nbytes(length * 7 + 1, dtype) == size * 8 or length == 1


def test_no_block_format_is_made_up() -> None:
    assert {*BLOCKS} <= {*GGML}
