"""Headers of safetensors files: the format's own rules, and every way a file can break them."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmmem.errors import ConfigError
from llmmem.sources.ranges import FIRST, Ahead
from llmmem.sources.safetensors import DTYPES, LONGEST, parse
from llmmem.tensors import FileTensor, Header


def header_of(raw: Any, declared: int | None = None) -> bytes:
    """The length and the header as a file starts with them."""
    data = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    return struct.pack("<Q", len(data) if declared is None else declared) + data


def entry(shape: list[Any], begin: Any, end: Any, dtype: Any = "BF16") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def read_from(data: bytes, size: int | None = None) -> Header:
    return parse(lambda offset, length: data[offset : offset + length], "m.safetensors", size)


def fails(data: bytes, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_from(data)
    message = str(caught.value)
    assert words in message and message.endswith(".") and len(message) < 300, message
    assert caught.value.hint and all(c.isprintable() for c in message)


def test_a_header_is_read_in_the_order_of_its_data() -> None:
    raw = {
        "b": entry([], 12, 16, "F32"),
        "__metadata__": {"format": "pt"},
        "a": entry([2, 3], 0, 12),
        "c": entry([0], 16, 16),
    }
    data = header_of(raw)
    whole = len(data) + 16
    header = read_from(data, whole)
    assert header == Header(
        "safetensors",
        (FileTensor("a", (2, 3), "bf16", 12), FileTensor("b", (), "fp32", 4), FileTensor("c", (0,), "bf16", 0)),
        {"format": "pt"},
        whole,
    )
    assert read_from(header_of({})).tensors == ()


# safetensors 0.8, tensor.rs, Dtype::bitsize
WIDTHS = {"BOOL": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "F8_E8M0": 8, "BF16": 16, "C64": 64} | {
    name: int("".join(c for c in name.partition("_")[0] if c.isdecimal()))
    for name in ("U8", "I8", "F8_E4M3", "F8_E5M2", "I16", "U16", "F16", "I32", "U32", "F32", "F64", "I64", "U64")
}


@pytest.mark.parametrize(("dtype", "bits"), WIDTHS.items())
def test_every_dtype(dtype: str, bits: int) -> None:
    data = header_of({"a": entry([4, 2], 0, bits, dtype)})
    assert read_from(data).tensors == (FileTensor("a", (4, 2), DTYPES[dtype], bits),)
    fails(header_of({"a": entry([4, 2], 0, bits + 1, dtype)}), f"gives {bits + 1} bytes to a tensor of {dtype} x 8")


def test_a_file_cut_short_still_answers() -> None:
    data = header_of({"a": entry([2], 0, 4)})
    assert read_from(data, len(data) + 1).notes == (
        f"m.safetensors is cut short: {len(data) + 1} of {len(data) + 4} bytes are there; its header is whole, so"
        " sizes are exact",
    )
    assert "2 bytes beyond" in read_from(data, len(data) + 6).notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"1234567", "ends after 7 bytes"),
        (header_of({}, 1 << 63), "declares a header of 9,223,372,036,854,775,808 bytes"),
        (header_of({}, (1 << 64) - 1), "declares a header"),
        (header_of({}, LONGEST + 1), "declares a header"),
        (header_of({}, 3), "cut off within its header: 2 of 3"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        (b"PK\x03\x04\x00\x00\x08\x08data", "PyTorch"),
        (b"GGUF\x03\x00\x00\x00\x01", "GGUF"),
        (b"<!DOCTYPE html>", "web page"),
        (header_of(b""), "not JSON"),
        (header_of(b'{"a'), "not JSON"),
        (header_of(b'{"\xff": 1}'), "not UTF-8"),
        (header_of(b"[]"), "not a JSON object"),
        (header_of(b"7"), "not a JSON object"),
        (header_of(b"[" * 100_000), "nested too deeply"),
        (header_of(b'{"a":' * 100_000), "nested too deeply"),
        (header_of(b'{"a": ' + b"1" * 5000 + b"}"), "too long"),
        (header_of(b'{"a": NaN}'), "NaN"),
        (header_of({"a": 1}), "does not say what a is"),
        (header_of({"a": {}}), "does not say what a is"),
        (header_of({"a": {"shape": [1]}}), "without dtype"),
        (header_of({"a": {**entry([1], 0, 2), "more": 1}}), "without dtype"),
        (header_of({"a": entry([1], 0, 2, "Q4_K")}), "unknown dtype Q4_K"),
        (header_of({"a": entry([1], 0, 2, "\x1b[31m")}), "unknown dtype ?[31m"),
        (header_of({"a": entry([1], 0, 2, ["F16"])}), "without dtype"),
        (header_of({"a": entry([-1], 0, 2)}), "size or offset -1"),
        (header_of({"a": entry([True], 0, 2)}), "size or offset True"),
        (header_of({"a": entry([1.0], 0, 2)}), "size or offset 1.0"),
        (header_of({"a": entry(["1"], 0, 2)}), "size or offset"),
        (header_of({"a": entry([1], -2, 0)}), "size or offset -2"),
        (header_of({"a": entry([1], 2, 0)}), "gives -2 bytes"),
        (header_of({"a": entry([1 << 49, 1 << 49], 0, 2)}), "larger than any file"),
        (header_of({"a": entry([1 << 63], 0, 2)}), "size or offset 9223372036854775808"),
        (header_of({"a": entry([2], 0, 4), "b": entry([2], 2, 6)}), "b overlaps another"),
        (header_of({"a": entry([2], 0, 4), "b": entry([2], 8, 12)}), "b leaves a gap"),
        (header_of({"a": entry([2], 8, 12)}), "a leaves a gap"),
        (header_of(b"{" + b",".join([b'"a":' + json.dumps(entry([1], 0, 2)).encode()] * 2) + b"}"), "a twice"),
        (header_of({f"{i}": {} for i in range(150_001)}), "more than 150,000 tensors"),
        (header_of(b"[" + b"1," * 1_500_001 + b"1]"), "more than 150,000 tensors"),
    ],
)  # fmt: skip
def test_broken_headers(data: bytes, words: str) -> None:
    fails(data, words)


def test_mutated_headers_give_an_answer_or_one_sentence() -> None:
    good = header_of(
        {"__metadata__": {"format": "pt"}, "a.0.w": entry([2, 3], 0, 12), "a.1.w": entry([4], 12, 28, "F32")}
    )
    tokens = [b'"', b"{", b"}", b"[", b"]", b",", b"-1", b"1e9", b"null", b"\xff", b"99999999999999999999", b'"a.0.w"']
    cut = st.tuples(st.integers(0, len(good)), st.integers(0, 12), st.binary(max_size=4) | st.sampled_from(tokens))
    most = int(os.environ.get("LLMMEM_MUTATIONS", "300"))

    @settings(max_examples=most, deadline=1000, database=None)
    @given(st.lists(cut, min_size=1, max_size=4))
    def check(cuts: list[tuple[int, int, bytes]]) -> None:
        data = good
        for at, gone, new in cuts:
            data = data[:at] + new + data[at + gone :]
        try:
            header = read_from(data, len(data))
        except ConfigError as error:
            assert str(error).endswith(".") and error.hint
        else:
            assert sum(t.nbytes for t in header.tensors) <= 8 * (header.file_bytes or 0)

    check()


def test_reading_ahead_takes_few_requests() -> None:
    data = bytes(range(256)) * 8192  # 2 MiB
    asked: list[tuple[int, int]] = []

    def fetch(offset: int, length: int) -> tuple[bytes, int | None]:
        asked.append((offset, length))
        return data[offset : offset + length], len(data)

    read = Ahead(fetch, "m.gguf")
    assert read(0, 8) == data[:8] and read(8, 100_000) == data[8:100_008]
    assert asked == [(0, FIRST)]
    for at in range(0, 1 << 20, 1000):
        assert read(at, 1000) == data[at : at + 1000]
    assert asked == [(0, FIRST), (FIRST, 2 * FIRST), (3 * FIRST, 4 * FIRST)]
    assert read(len(data) - 3, 10) == data[-3:]
    assert read(len(data) + 50, 10) == b""
    with pytest.raises(ConfigError, match=r"header of m\.gguf is larger than 96 MB"):
        read(0, 1 << 40)
