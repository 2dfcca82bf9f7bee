"""GGUF files of many architectures: caches as llama.cpp allocates them, tensors as the gguf library wrote them.

``fixtures/gguf/llamacpp.json.gz``: metadata, tensors and the context bytes of llama.cpp's own models of each
architecture. ``library.zip``: headers the gguf library wrote, with the sizes it has for every tensor.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from math import prod
from pathlib import Path
from typing import Any

import pytest
from gguf_writer import write

from llmmem.architectures import gguf
from llmmem.dtypes import GGML
from llmmem.sources.gguf import parse
from llmmem.tensors import Header, ModelSpec

FIXTURES = Path(__file__).parent / "fixtures" / "gguf"
MODELS: dict[str, Any] = json.loads(gzip.decompress((FIXTURES / "llamacpp.json.gz").read_bytes()))
LIBRARY = zipfile.ZipFile(FIXTURES / "library.zip")
EXPECTED: dict[str, Any] = json.loads(LIBRARY.read("expected.json"))

#: described by llama.cpp alone: weights are exact, the rest is said to be unknown
UNKNOWN = {"deepseek4"}


def header(data: bytes) -> Header:
    return parse(lambda offset, length: data[offset : offset + length], "x.gguf")


def context(spec: ModelSpec, cells: int, requests: int, ubatch: int = 64) -> int:
    """What llama.cpp allocates: fp16 keys and values in cells rounded up to 256, states in fp32 (llama-kv-cache.cpp,
    llama-memory-recurrent.cpp)."""
    each = -(-(cells // requests) // 256) * 256
    total = 0
    for block in spec.blocks:
        for cache in block.caches if block.loaded else ():
            if cache.kind == "conv":
                size = cache.heads * (cache.size - 1) * 4
            elif cache.kind == "state":
                size = cache.fixed * 4
            elif cache.kind == "cross":
                size = 0  # computed again from the encoder's output
            else:
                held = each if cache.window is None else min(each, -(-(cache.window + ubatch) // 256) * 256)
                size = held * cache.per_token * 2
            total += len(block.layers) * requests * size
    return total


def agrees(spec: ModelSpec, expected: dict[str, int]) -> None:
    found = {key: context(spec, *map(int, key.split("/"))) for key in expected}
    assert found == expected


@pytest.mark.parametrize("name", MODELS)
def test_every_architecture_keeps_what_llama_cpp_allocates(name: str) -> None:
    model = MODELS[name]
    tensors, offset = [], 0
    for folded, ne, kind, layers in model["tensors"]:
        for layer in layers:
            tensors.append((folded.replace("{}", str(layer), 1), ne or [1], kind, offset))
            offset += -(-prod(ne) * (2 if kind else 4) // 32) * 32
    spec = gguf.build(header(write(model["metadata"], tensors)))
    counted = [prod(ne) for tensor, ne, _, _ in tensors if "rope_f" not in tensor]
    assert spec.parameters == sum(counted)
    assert spec.measured == "gguf"
    if name.split("/")[0] in UNKNOWN:
        assert "kv_cache" in spec.unknown
    else:
        assert spec.unknown == spec.notes == ()
        agrees(spec, model["context"])


@pytest.mark.parametrize("name", EXPECTED)
def test_files_of_the_gguf_library_read_back(name: str) -> None:
    read = header(LIBRARY.read(f"{name}.gguf"))
    expected = [(n, tuple(shape), GGML[kind], size) for n, shape, kind, size in EXPECTED[name]["tensors"]]
    assert list(read.tensors) == expected
    spec = gguf.build(read)
    assert dict(spec.tensors()) == {n: s for n, s, _, _ in expected}
    agrees(spec, EXPECTED[name]["context"])


def test_the_library_wrote_every_type() -> None:
    """All but Q8_1, which no file holds and it takes for 40 bytes (ggml: 36), and Q2_0, which it does not know."""
    assert {kind for row in EXPECTED.values() for _, _, kind, _ in row["tensors"]} == set(GGML) - {9, 42}
