"""Broken and hostile GGUF files: one sentence, in bounded time and memory.

By default a few hundred mutated headers; LLMMEM_MUTATIONS=10000 asks for more.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from gguf_writer import string, write

from llmmem import LlmmemError, calculate_memory, read_model
from llmmem.architectures import gguf
from llmmem.memory.attention import attention_kind
from llmmem.sources.gguf import parse

F32, Q8_0 = 0, 8
MODELS = json.loads(gzip.decompress((Path(__file__).parent / "fixtures" / "gguf" / "llamacpp.json.gz").read_bytes()))
LIBRARY = zipfile.ZipFile(Path(__file__).parent / "fixtures" / "gguf" / "library.zip")
SEEDS = [LIBRARY.read(name) for name in LIBRARY.namelist() if name.endswith(".gguf")]
MUTATIONS = int(os.environ.get("LLMMEM_MUTATIONS", "300"))

NUMBERS = (0, 1, 2, 0x7F, 0xFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)


def answer(data: bytes) -> None:
    spec = gguf.build(parse(lambda offset, length: data[offset : offset + length], "x.gguf", len(data)))
    assert spec.parameters >= 0 and attention_kind(spec)


def fails(data: bytes, words: str) -> None:
    with pytest.raises(LlmmemError, match=words) as caught:
        answer(data)
    assert caught.value.hint and "\n" not in str(caught.value)


def start(tensors: int, keys: int, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, keys)


def key(name: str, kind: int) -> bytes:
    return string(name) + struct.pack("<I", kind)


@pytest.mark.parametrize("seed", range(max(1, MUTATIONS // 100)))
def test_mutated_headers_never_escape(seed: int) -> None:
    """A header with a few bytes or numbers changed, or a piece cut out, is an answer or one sentence."""
    chance = random.Random(seed)
    for _ in range(min(MUTATIONS, 100)):
        data = bytearray(chance.choice(SEEDS))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) if chance.random() < 0.5 else min(2000, len(data)))
            way = chance.random()
            if way < 0.6:
                data[place] = chance.randrange(256)
            elif way < 0.9:
                number = struct.pack("<Q", chance.choice(NUMBERS))[: chance.choice((4, 8))]
                data[place : place + len(number)] = number
            elif way < 0.95:
                del data[place:]
            else:
                del data[place : place + chance.randint(1, 16)]
            data += bytes(1)
        try:
            answer(bytes(data))
        except LlmmemError as error:
            assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize("seed", range(max(1, MUTATIONS // 100)))
def test_mutated_metadata_never_escape(seed: int) -> None:
    """A whole header whose metadata are missing, of another kind or beyond reason, or whose shapes are."""
    chance = random.Random(seed)
    for _ in range(min(MUTATIONS, 100)):
        model = MODELS[chance.choice(list(MODELS))]
        metadata = dict(model["metadata"])
        for key_ in chance.sample(sorted(metadata), chance.randint(1, 3)):
            value = chance.choice((None, 0, 1, 3, 1 << 20, 1 << 41, -1, "text", [0, 1], [1] * 300, 0.5, True))
            metadata[key_] = value
            if value is None or key_ == "general.architecture":
                del metadata[key_]
        metadata["general.architecture"] = model["metadata"]["general.architecture"]
        tensors = []
        for name, ne, _, layers in model["tensors"]:
            if chance.random() < 0.02:
                ne = [chance.choice((0, 1, 7, 1 << 33)) for _ in range(chance.randint(0, 4))]
            tensors.append((name.replace("{}", str(layers[0]), 1), ne, F32, len(tensors) << 46))
        try:
            answer(write(metadata, tensors))
        except LlmmemError as error:
            assert str(error) and "\n" not in str(error)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cut short within its header"),
        (b"GG", "cut short"),
        (b"PK\3\4" + bytes(40), "does not begin with GGUF"),
        (b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer"),
        (b"tjgg" + bytes(40), "older format"),
        (start(0, 0, 1), "version 1;"),
        (start(0, 0, 99), "version 99;"),
        (start(1 << 60, 0), "claims 1,152,921,504,606,846,976 tensors"),
        (start(0, 1 << 60), "metadata keys"),
        (start(0, 1) + struct.pack("<Q", 1 << 60), "claims a metadata key of"),
        (start(0, 1) + string(b"\xff\xfe") + struct.pack("<I", 4), "not UTF-8"),
        (start(0, 1) + key("a", 99), "type 99"),
        (start(0, 1) + key("a", 9) + struct.pack("<IQ", 77, 1), "array of type 77"),
        (start(0, 1) + key("a", 9) + struct.pack("<IQ", 8, 1 << 50), "arrays of"),
        (start(0, 1) + key("a", 9) + struct.pack("<IQ", 4, 1 << 50), "cut short"),
        (start(0, 1) + key("a", 9) + struct.pack("<IQ", 4, (1 << 64) - 1), "claims an array"),
        (start(0, 1) + key("a", 9) + struct.pack("<IQ", 9, 1) * 50, "deep"),
        (start(0, 1) + key("a", 8) + struct.pack("<Q", 1 << 40), "cut short"),
        (start(0, 1) + key("a", 8) + struct.pack("<Q", (1 << 64) - 1), "claims a string"),
        (start(0, 2) + (key("a", 7) + b"\1") * 2, "key a twice"),
        (write({"general.architecture": "llama"}, []), "no tensors"),
        (write({"general.alignment": 7}, []), "alignment of 7"),
        (write({}, [("t", [32], F32, 0)]), "no general.architecture"),
        (write({"general.architecture": "llama", "general.type": "adapter"}, [("t", [32], F32, 0)]), "adapter"),
    ],
)  # fmt: skip
def test_broken_headers_say_what_is_wrong(data: bytes, words: str) -> None:
    fails(data, words)


@pytest.mark.parametrize(
    ("tensors", "words"),
    [
        ([("t", [32], F32, 0), ("t", [32], F32, 128)], "tensor t twice"),
        ([("a", [64], F32, 0), ("b", [32], F32, 32)], "over one another"),
        ([("a", [32], F32, 8)], "no aligned tensor"),
        ([("a", [33], Q8_0, 0)], "not whole blocks"),
        ([("a", [32], 4, 0)], "ggml type 4,"),
        ([("a", [1 << 40, 1 << 40], F32, 0)], "more elements"),
        ([("a", [2, 2, 2, 2, 2], F32, 0)], "5 axes"),
        ([("a" * 300, [2], F32, 0)], "name of 300 bytes"),
    ],
)
def test_broken_tensors_say_what_is_wrong(tensors: list[Any], words: str) -> None:
    fails(write({"general.architecture": "llama"}, tensors), words)


def test_a_name_in_a_message_moves_no_cursor() -> None:
    with pytest.raises(LlmmemError) as caught:
        answer(write({}, [("a\x1b[2J", [33], Q8_0, 0)]))
    assert "\x1b" not in str(caught.value)


def test_the_most_tensors_there_may_be() -> None:
    many = [(f"blk.{i}.w{j}.weight", [1 << (j % 9)], F32, 4096 * (32 * i + j)) for i in range(1024) for j in range(32)]
    data = write({"general.architecture": "new", "new.block_count": 1024}, many)
    spec = gguf.build(parse(lambda offset, length: data[offset : offset + length], "x.gguf"))
    assert spec.layers == 1024 and "kv_cache" in spec.unknown
    fails(write({"general.architecture": "llama"}, [*many, ("x", [1], F32, 1 << 40)]), "32,769 tensors")


def test_split_files_are_read_together(tmp_path: Path) -> None:
    head = {
        "general.architecture": "llama", "llama.block_count": 1, "llama.embedding_length": 64,
        "llama.attention.head_count": 2, "split.count": 2, "split.tensors.count": 3,
    }  # fmt: skip
    first, second = tmp_path / "m-00001-of-00002.gguf", tmp_path / "m-00002-of-00002.gguf"
    first.write_bytes(write(head, [("token_embd.weight", [64, 10], F32, 0)]) + bytes(2560))
    second.write_bytes(
        write(
            {"split.count": 2},
            [("blk.0.attn_q.weight", [64, 64], F32, 0), ("blk.0.attn_k.weight", [64, 64], F32, 16384)],
        )
        + bytes(32768)
    )
    for path in (first, second):
        spec = read_model(path)
        assert spec.parameters == 640 + 2 * 4096 and spec.notes == ()
    assert calculate_memory(first, seq_length=10, engine="transformers").kv_cache_bytes == 10 * 128 * 2
    second.write_bytes(write({"split.count": 2}, [("token_embd.weight", [64, 10], F32, 0)]) + bytes(2560))
    with pytest.raises(LlmmemError, match="same tensors"):
        read_model(first)
    second.unlink()
    with pytest.raises(LlmmemError, match=r"m-00002-of-00002\.gguf is missing"):
        read_model(first)
    alone = tmp_path / "renamed.gguf"
    first.rename(alone)
    with pytest.raises(LlmmemError, match="one of 2 files; by its name there are 1"):
        read_model(alone)


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(LlmmemError, match="not a regular file"):
        read_model(tmp_path / "pipe.gguf")


def test_a_projector_is_said_to_be_one() -> None:
    data = write(
        {"general.architecture": "clip", "general.type": "mmproj", "clip.projector_type": "gemma3",
         "clip.vision.embedding_length": 32},
        [("v.blk.0.attn_q.weight", [32, 32], F32, 0), ("mm.input_projection.weight", [32, 64], F32, 4096)],
    )  # fmt: skip
    spec = gguf.build(parse(lambda offset, length: data[offset : offset + length], "x.gguf"))
    assert [b.component for b in spec.blocks] == ["vision", "projector"] and spec.parameters == 32 * 32 + 32 * 64
    assert "projector (gemma3)" in spec.notes[0] and spec.unknown
