"""GGUF headers: files written by a writer of our own, byte for byte from the format's description."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from gguf_writer import write

from llmmem import LlmmemError, calculate_memory, read_model
from llmmem.architectures import gguf
from llmmem.sources.gguf import Counted, parse
from llmmem.tensors import Header

LLAMA = {
    "general.architecture": "llama",
    "llama.block_count": 2,
    "llama.embedding_length": 64,
    "llama.context_length": 512,
    "llama.feed_forward_length": 96,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
}
F32, F16, Q8_0 = 0, 1, 8


def placed(shapes: dict[str, tuple[list[int], int, int]]) -> list[tuple[str, list[int], int, int]]:
    """Tensors one after another: name -> (ne, type, bytes)."""
    out, offset = [], 0
    for name, (ne, kind, size) in shapes.items():
        out.append((name, ne, kind, offset))
        offset += -(-size // 32) * 32
    return out


def llama(layers: int = 2, head: bool = True) -> list[tuple[str, list[int], int, int]]:
    shapes = {"token_embd.weight": ([64, 100], F16, 12800), "output_norm.weight": ([64], F32, 256)}
    if head:
        shapes["output.weight"] = ([64, 100], Q8_0, 6800)
    for i in range(layers):
        shapes[f"blk.{i}.attn_norm.weight"] = ([64], F32, 256)
        shapes[f"blk.{i}.attn_q.weight"] = ([64, 64], Q8_0, 4352)
        shapes[f"blk.{i}.attn_k.weight"] = ([64, 32], Q8_0, 2176)
        shapes[f"blk.{i}.attn_v.weight"] = ([64, 32], Q8_0, 2176)
        shapes[f"blk.{i}.attn_output.weight"] = ([64, 64], Q8_0, 4352)
        shapes[f"blk.{i}.ffn_norm.weight"] = ([64], F32, 256)
        shapes[f"blk.{i}.ffn_gate.weight"] = ([64, 96], Q8_0, 6528)
        shapes[f"blk.{i}.ffn_up.weight"] = ([64, 96], Q8_0, 6528)
        shapes[f"blk.{i}.ffn_down.weight"] = ([96, 64], Q8_0, 6528)
    return placed(shapes)


LAYER = 2 * 256 + 2 * 4352 + 2 * 2176 + 3 * 6528


def header(data: bytes, size: int | None = None) -> Header:
    file = io.BytesIO(data)

    def read(offset: int, length: int) -> bytes:
        file.seek(offset)
        return file.read(length)

    return parse(read, "x.gguf", size)


def test_a_file_alone_gives_a_report(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(write(LLAMA, llama()) + bytes(12800 + 256 + 6816 + 2 * LAYER))
    spec = read_model(path)
    assert (spec.model_type, spec.measured, spec.layers, spec.max_context) == ("llama", "gguf", 2, 512)
    assert spec.parameters == 2 * 6400 + 64 + 2 * (2 * 64 + 2 * 4096 + 2 * 2048 + 3 * 6144)
    assert spec.notes == () and spec.tied == ()
    assert dict(spec.tensors())["blk.1.ffn_down.weight"] == (64, 96)
    report = calculate_memory(path, seq_length=100, engine="transformers")
    assert report.weight_memory_bytes == 12800 + 256 + 6800 + 2 * LAYER
    assert report.kv_cache_bytes == 2 * 100 * 2 * (16 + 16) * 2
    assert report.source == "header" and report.precision == "q8_0"


def test_a_file_cut_short_still_answers(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(write(LLAMA, llama(head=False)))
    spec = read_model(path)
    assert spec.tied == (("output.weight", "token_embd.weight"),)
    assert len(spec.notes) == 1 and "cut short" in spec.notes[0]


def test_layers_that_are_missing_are_said(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(write({**LLAMA, "llama.block_count": 3}, llama()))
    assert any("count 3 layers" in note for note in read_model(path).notes)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("version", [2, 3])
def test_every_kind_of_metadata(order: str, version: int) -> None:
    values = {
        "u8": 200, "i8": -3, "u16": 60000, "i16": -300, "u32": 1 << 31, "i32": -70000, "f32": 0.5, "bool": True,
        "u64": 1 << 60, "i64": -(1 << 60), "f64": 0.1, "str": "text ü",
    }  # fmt: skip
    metadata = {f"k.{kind}": (kind, value) for kind, value in values.items()}
    lists = {f"l.{kind}": (f"[{kind}]", [value, value]) for kind, value in values.items()}
    data = write({**metadata, **lists, "nested": ("[[u8]]", [[1, 2], [3]])}, [], order=order, version=version)
    read = header(data).metadata
    assert {k.removeprefix("k."): v for k, v in read.items() if k.startswith("k.")} == values
    assert {k.removeprefix("l."): v for k, v in read.items() if k.startswith("l.")} == {
        k: [v, v] for k, v in values.items()
    }
    assert read["nested"] == Counted(2)


def test_vocabularies_are_counted_not_kept() -> None:
    tokens = [f"token {i}" for i in range(5000)]
    data = write({"tokens": tokens, "scores": [0.0] * 5000, "per.layer": list(range(100)), "text": "x" * 9000}, llama())
    read = header(data)
    assert read.metadata["tokens"] == read.metadata["scores"] == Counted(5000)
    assert read.metadata["per.layer"] == list(range(100)) and read.metadata["text"] == Counted(9000)
    assert len(read.tensors) == 21


def test_broken_files_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(write({k: v for k, v in LLAMA.items() if "head_count" not in k}, llama()))
    with pytest.raises(LlmmemError, match=r"missing llama.attention.head_count\."):
        read_model(path)


def test_experts_stored_one_by_one_are_copies_of_one() -> None:
    """Mixtral as it was converted before experts were stacked."""
    shapes = {"token_embd.weight": ([64, 100], F16, 12800), "blk.0.ffn_gate_inp.weight": ([64, 4], F32, 1024)}
    shapes |= {f"blk.0.attn_{n}.weight": ([64, 64], Q8_0, 4352) for n in ("q", "k", "v", "output")}
    for i in range(4):
        shapes |= {f"blk.0.ffn_{n}.{i}.weight": ([64, 96], Q8_0, 6528) for n in ("gate", "up")}
        shapes[f"blk.0.ffn_down.{i}.weight"] = ([96, 64], Q8_0, 6528)
    metadata = {**LLAMA, "llama.block_count": 1, "llama.expert_count": 4, "llama.expert_used_count": 2}
    spec = gguf.build(header(write(metadata, placed(shapes))))
    assert spec.model_type == "mixtral" and len(dict(spec.tensors())) == 18
    assert spec.parameters == 6400 + 256 + 4 * 4096 + 12 * 6144
    assert spec.active_parameters == spec.parameters - 6 * 6144
    assert [w.top_k for b in spec.blocks for w in b.work if w.kind == "moe"] == [2]


def test_the_recipe_is_what_the_file_calls_it() -> None:
    spec = gguf.build(header(write({**LLAMA, "general.file_type": 15}, llama())))
    assert calculate_memory(spec, seq_length=10).precision == "q4_k_m"
    spec = gguf.build(header(write({**LLAMA, "general.file_type": 1 << 20}, llama())))
    assert calculate_memory(spec, seq_length=10).precision == "q8_0"


def test_layers_for_deep_prediction_stay_in_the_file() -> None:
    """llama.cpp loads them only for speculative decoding; a converter may leave them out."""
    metadata = {key.replace("llama.", "glm4moe."): value for key, value in LLAMA.items()}
    metadata |= {"general.architecture": "glm4moe", "glm4moe.nextn_predict_layers": 1}
    spec = gguf.build(header(write(metadata, llama())))
    assert spec.layers == 1 and spec.notes == ()
    assert spec.unloaded_parameters == 2 * 64 + 2 * 4096 + 2 * 2048 + 3 * 6144
    assert gguf.build(header(write(metadata, llama(layers=1)))).notes == ()


def test_metadata_that_contradict_the_tensors_are_said() -> None:
    metadata = {**LLAMA, "llama.attention.head_count_kv": 1, "llama.vocab_size": 99}
    assert gguf.build(header(write(metadata, llama()))).notes == (
        "the file's metadata state 99 tokens, but its embeddings have 100",
        "in 2 layers the keys have other widths than the file's metadata state",
    )
