"""Headers and files from far away: few questions, the token to nobody else, and no question at all the second time."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gguf_writer import write as write_gguf
from hub_server import COMMIT, Fault, Hub, serve
from safetensors_writer import Tensors, header_bytes
from test_gguf import LLAMA as GGUF_LLAMA
from test_gguf import llama as gguf_llama
from test_headers import LLAMA, UNKNOWN, size, tensors

from llmmem import LlmmemError, calculate_memory, read_model
from llmmem.cli import main
from llmmem.errors import ConfigError, ModelNotFoundError, SourceUnavailableError, UnsupportedArchitectureError
from llmmem.model import read
from llmmem.sources import hub, kept, load, place, progress
from llmmem.sources.place import Place

FOO = {**LLAMA, "model_type": "foo"}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of the machine, and a cache of one's own."""
    for name in [
        n
        for n in os.environ
        if n.startswith(("HF_", "HUGGING", "XDG_", "TRANSFORMERS_")) or n.upper().endswith("_PROXY")
    ]:
        monkeypatch.delenv(name)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("LLMMEM_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(hub, "PAUSES", (0.0, 0.0))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serve() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def file(held: Tensors) -> bytes:
    """A safetensors file as far as anybody should read it."""
    return header_bytes(held)[0]


def sharded(held: dict[str, Any], shards: int) -> dict[str, bytes]:
    names = list(held)
    out: dict[str, bytes] = {}
    index = {}
    for i in range(shards):
        name = f"model-{i + 1:05d}-of-{shards:05d}.safetensors"
        out[name] = file({n: held[n] for n in names[i::shards]})
        index |= dict.fromkeys(names[i::shards], name)
    return {**out, "model.safetensors.index.json": json.dumps({"weight_map": index}).encode()}


def gguf(head: bool = True) -> bytes:
    return write_gguf(GGUF_LLAMA, gguf_llama(head=head))


def fails(kind: type[LlmmemError], ref: str, *words: str, hint: str = "", **options: Any) -> None:
    with pytest.raises(LlmmemError) as caught:
        load(ref, **options)
    message = str(caught.value)
    assert isinstance(caught.value, kind), repr(caught.value)
    assert all(word in message for word in words) and message.endswith("."), message
    assert caught.value.hint and hint in caught.value.hint, caught.value.hint


# What a reference means


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("org/name", Place("hub", "org/name")),
        ("org/name@v1", Place("hub", "org/name", "v1")),
        ("org/name:Q4_K_M", Place("hub", "org/name", variant="Q4_K_M")),
        ("org/name@v1:Q4_K_M", Place("hub", "org/name", "v1", variant="Q4_K_M")),
        ("org/name/m-Q4_0.gguf", Place("hub", "org/name", file="m-Q4_0.gguf")),
        ("org/name/sub/m.safetensors", Place("hub", "org/name", file="sub/m.safetensors")),
        ("modelscope:org/name", Place("modelscope", "org/name")),
        ("https://huggingface.co/org/name", Place("hub", "org/name")),
        ("https://huggingface.co/gpt2/", Place("hub", "gpt2")),
        ("https://huggingface.co/org/name/tree/main", Place("hub", "org/name")),
        ("https://hf.co/org/name/tree/v1/sub", Place("hub", "org/name", "v1")),
        ("https://huggingface.co/org/name/blob/main/a/m.gguf?download=true", Place("hub", "org/name", file="a/m.gguf")),
        ("https://huggingface.co/gpt2/resolve/refs%2Fpr%2F1/x.json", Place("hub", "gpt2", "refs/pr/1", "x.json")),
        ("https://modelscope.cn/models/org/name/summary", Place("modelscope", "org/name")),
        ("https://h.example:8/a/m.gguf?x=1", Place("web", "https://h.example:8/a", None, "m.gguf", query="x=1")),
    ],
)
def test_what_a_reference_means(text: str, where: Place) -> None:
    assert place.find(text, None) == where


@pytest.mark.parametrize(
    "text",
    [
        "https://huggingface.co/", "https://huggingface.co/datasets/org/name", "https://h.example/", "ftp://h/m.gguf",
        "https://h.example/m.bin", "https://[::1/m.gguf", "https://h:port/m.gguf", "https://h/a b.gguf",
        "https://huggingface.co/org/name/resolve/main/../../x.gguf", "https://huggingface.co/../x/tree/main",
        "org/name:../x", "org/name:", "modelscope:", "https://h/\x00.gguf", "file:///etc/x.gguf",
    ],
)  # fmt: skip
def test_what_is_no_reference_asks_nobody(text: str, server: Hub) -> None:
    fails(LlmmemError, text)
    assert server.asked == []


# Headers


def test_headers_when_asked_for(server: Hub) -> None:
    held = tensors(LLAMA)
    server.add("org/one", LLAMA, files={"model.safetensors": file(held)})
    spec, source = read("org/one", headers=True)
    assert (spec.measured, source.source, source.revision) == ("safetensors", "hub", COMMIT)
    assert calculate_memory("org/one", headers=True).weight_memory_bytes == size(held)
    assert [a.path.rpartition("/")[2] for a in server.asked] == ["config.json", COMMIT, "model.safetensors"]
    assert read_model("org/one").measured == ""


def test_163_shards_take_one_question_each(server: Hub) -> None:
    held = {f"model.layers.{i}.w": ((4, 4), "bf16") for i in range(400)}
    server.add("org/many", FOO, files=sharded(held, 163))
    report = calculate_memory("org/many")
    assert report.weight_memory_bytes == size(held)
    ranged = [a for a in server.asked if "range" in a.headers]
    assert (len(server.asked), len(ranged)) == (3 + 163, 163)
    assert {a.path.split("/resolve/")[1].partition("/")[0] for a in ranged} == {COMMIT}


def test_what_takes_long_is_said_and_wiped_away(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(progress, "watcher", said.append)
    server.add("org/many", FOO, files=sharded(tensors(LLAMA), 4))
    calculate_memory("org/many")
    assert said == []
    server.add("org/slow", FOO, files=sharded(tensors(LLAMA), 4))
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    server.faults = [Fault(503, before=0.2)]
    calculate_memory("org/slow")
    assert f"org/slow: asking {server.url.removeprefix('http://')}" in said and said[-1] == ""
    assert "org/slow: 4 of 4 headers read" in said


def test_an_unknown_architecture_is_read_from_its_headers(server: Hub) -> None:
    server.add("org/foo", FOO, files={"model.safetensors": file(UNKNOWN)})
    report = calculate_memory("org/foo")
    assert (report.weight_memory_bytes, report.spec.unknown != ()) == (size(UNKNOWN), True)
    server.add("org/bare", files={"model.safetensors": file(UNKNOWN)})
    assert calculate_memory("org/bare").source == "header"
    server.add("org/pickled", FOO, files={"pytorch_model.bin": b"x"})
    with pytest.raises(UnsupportedArchitectureError, match="foo"):
        calculate_memory("org/pickled")
    fails(ModelNotFoundError, "org/pickled", "no safetensors files", headers=True)


def test_a_server_without_ranges(server: Hub) -> None:
    server.add("org/foo", FOO, files={"model.safetensors": file(UNKNOWN) + bytes(10_000)}, ranges=False)
    assert calculate_memory("org/foo").weight_memory_bytes == size(UNKNOWN)


def test_redirected_files_do_not_get_the_token(server: Hub) -> None:
    with serve() as storage:
        files = {"model.safetensors": file(UNKNOWN)}
        repo = server.add("org/foo", FOO, files=files, access="gated", storage=storage.url)
        storage.repos["org/foo"] = repo
        assert read("org/foo", token="hf_right")[0].unknown
        assert {a.token for a in server.asked} == {"Bearer hf_right"}
        assert storage.asked and {a.token for a in storage.asked} == {None}


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault(429, {"Retry-After": "30"}), SourceUnavailableError, "429"),
        (Fault(206, body=b"garbage!" * 3), ConfigError, "no whole safetensors file"),
        (Fault(206, body=b"x" * 9, missing=100), SourceUnavailableError, "broke the connection off"),
        (Fault(403), LlmmemError, "does not let us read"),
    ],
)
def test_headers_that_do_not_come(fault: Fault, kind: type[LlmmemError], words: str, server: Hub) -> None:
    server.add("org/foo", FOO, files={"model.safetensors": file(UNKNOWN)})
    load("org/foo")
    server.faults = [fault] * 3
    with pytest.raises(LlmmemError, match=words) as caught:
        calculate_memory("org/foo")
    assert isinstance(caught.value, kind)
    server.faults = [Fault(500), Fault(hang_up=True)]
    assert calculate_memory("org/foo").weight_memory_bytes == size(UNKNOWN)


def test_modelopt_and_what_the_hub_counts(server: Hub) -> None:
    said = {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}
    server.add("org/fp8", LLAMA, files={"hf_quant_config.json": json.dumps(said).encode()})
    assert load("org/fp8").raw["quantization_config"] == said
    assert len(server.asked) == 3
    plain = {k: v for k, v in LLAMA.items() if k != "torch_dtype"}
    count = read_model(LLAMA).parameters
    server.add("org/plain", plain, counted={"BF16": count})
    report = calculate_memory("org/plain")
    assert report.precision == "bf16" and "states no dtype" in report.notes[0]
    server.add("org/other", LLAMA, counted={"F32": count})
    assert "--headers" in calculate_memory("org/other").notes[0]
    server.add("org/same", LLAMA, counted={"BF16": count})
    assert calculate_memory("org/same").notes == ()


# GGUF


def test_gguf_repositories(server: Hub) -> None:
    server.add("org/one", files={"m-Q8_0.gguf": gguf(), "mmproj-f16.gguf": b"x"})
    names = ("a-Q4_K_M.gguf", "a-IQ4_K_M.gguf", "a-Q8_0.gguf")
    server.add("org/many", files=dict.fromkeys(names, gguf()))
    direct = calculate_memory("org/one")
    assert (direct.source, direct.spec.measured) == ("header", "gguf")
    for ref in ("org/many:q8_0", "org/many/a-Q4_K_M.gguf", "org/many:Q4_K_M"):
        assert calculate_memory(ref).weight_memory_bytes == direct.weight_memory_bytes
    fails(ModelNotFoundError, "org/many", "3 GGUF files", "a-Q8_0.gguf", hint="org/many/a-IQ4_K_M.gguf")
    fails(ModelNotFoundError, "org/many:Q2_K", "no GGUF file named Q2_K", hint="org/many:")
    server.add("org/both", LLAMA, files={"m-Q8_0.gguf": gguf()})
    assert calculate_memory("org/both").spec.measured == "gguf"
    fails(ModelNotFoundError, "org/many/b.gguf", "no file b.gguf")
    assert calculate_memory(f"{server.url}/org/one/resolve/main/m-Q8_0.gguf").lines == direct.lines


def test_pipelines(server: Hub) -> None:
    index = {"_class_name": "P", "vae": ["diffusers", "AutoencoderKL"], "scheduler": ["diffusers", "DDIMScheduler"]}
    files = {"model_index.json": json.dumps(index).encode(), "vae/config.json": b'{"in_channels": 3}'}
    server.add("org/pipe", files=files)
    source = load("org/pipe")
    assert source.raw["components"]["vae"]["config"] == {"in_channels": 3}
    assert len(server.asked) == 4


# Other servers


def test_modelscope(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "MODELSCOPE", server.url)
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    held = tensors(LLAMA)
    server.add("org/name", LLAMA, files={"model.safetensors": file(held)})
    source = load("modelscope:org/name", headers=True)
    assert (source.raw, source.id, source.source) == (LLAMA, "modelscope:org/name", "hub")
    assert source.header is not None and len(source.header.tensors) == len(held)
    assert server.asked[0].path == "/models/org/name/resolve/master/config.json"
    assert {a.token for a in server.asked} == {None}
    fails(ModelNotFoundError, "modelscope:org/gone", "org/gone")


def test_addresses_of_files(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_right")
    with serve() as other:
        held = tensors(LLAMA)
        other.add("org/name", LLAMA, files={"m.safetensors": file(held)})
        at = f"{other.url}/org/name/resolve/main"
        assert load(f"{at}/config.json").raw == LLAMA
        report = calculate_memory(f"{at}/m.safetensors")
        assert (report.weight_memory_bytes, report.spec.unknown) == (size(held), ())
        fails(ModelNotFoundError, f"{at}/gone.gguf", "gone.gguf")
        secret = at.replace("http://", "http://me:secret@")
        with pytest.raises(LlmmemError) as caught:
            load(f"{secret}/gone.gguf")
        assert "secret" not in str(caught.value) + caught.value.hint
        assert {a.token for a in other.asked} <= {None, "Basic bWU6c2VjcmV0"}
    assert server.asked == []


# The cache of the Hub's own client


def test_weights_in_the_hugging_face_cache_are_read_there(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_sockets(monkeypatch)
    monkeypatch.setenv("HF_HUB_CACHE", str(alone / "hub"))
    model = alone / "hub" / "models--org--name"
    snapshot = model / "snapshots" / COMMIT
    for folder in (snapshot, model / "refs"):
        folder.mkdir(parents=True)
    (model / "refs" / "main").write_text(COMMIT)
    (snapshot / "config.json").write_text(json.dumps(LLAMA))
    for name, data in sharded(tensors(LLAMA), 2).items():
        (snapshot / name).write_bytes(data)
    for headers in (False, True):
        spec, source = read("org/name", headers=headers)
        assert (spec.measured, source.source, source.revision) == ("safetensors", "cache", COMMIT)
    (snapshot / "model-00002-of-00002.safetensors").unlink()
    spec, source = read("org/name")
    assert (spec.measured, source.notes) == ("", ())
    (snapshot / "config.json").write_text(json.dumps(FOO))
    with pytest.raises(UnsupportedArchitectureError, match="foo"):
        read("org/name", offline=True)


# What is kept


def refuse_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("a socket"))
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("a connection"))
    monkeypatch.setattr(hub.Client, "connect", lambda self: pytest.fail("connected"))


def test_the_second_time_nobody_is_asked(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    held = tensors(LLAMA)
    server.add("org/name", LLAMA, files=sharded(held, 3))
    server.add("org/foo", FOO, files={"model.safetensors": file(UNKNOWN)})
    server.add("org/gguf", files={"m.gguf": gguf()})
    ways: list[tuple[str, dict[str, Any]]] = [("org/name", {}), ("org/name", {"headers": True}), ("org/foo", {})]
    ways += [("org/gguf:m", {}), ("org/gguf/m.gguf", {})]
    first = [calculate_memory(ref, **options) for ref, options in ways]
    asked = len(server.asked)
    refuse_sockets(monkeypatch)
    for offline in (False, True):
        for (ref, options), report in zip(ways, first, strict=True):
            again = calculate_memory(ref, offline=offline, **options)
            assert again.lines == report.lines and again.notes == report.notes
            assert again.source == ("header" if report.source == "header" else "cache")
    assert len(server.asked) == asked
    assert calculate_memory("meta-llama/Llama-2-7b-hf").source == "catalogue"


def test_a_branch_is_asked_for_again_after_a_day(server: Hub, alone: Path) -> None:
    server.add("org/name", LLAMA)
    load("org/name")
    for entry in (alone / "kept").iterdir():
        os.utime(entry, (1, 1))
    server.add("org/name", {**LLAMA, "vocab_size": 7}, commit="d" * 40)
    assert load("org/name").raw["vocab_size"] == 7
    for entry in (alone / "kept").iterdir():
        os.utime(entry, (1, 1))
    server.faults = [Fault(503)] * 6
    for offline in (False, True):
        old = load("org/name", offline=offline)
        assert old.raw["vocab_size"] == 7  # better than nothing, and said to be old
        assert old.source == "cache"
        assert any("more than a day ago" in note for note in old.notes)


def test_passwords_in_addresses_are_not_written_down(alone: Path) -> None:
    address = "https://user:secret@example.org/config.json?signature=secret"
    kept.save(address, [1])
    assert kept.load(address) == [1]
    assert all("secret" not in entry.read_text() for entry in (alone / "kept").iterdir())


def test_a_list_of_files_that_cannot_be_read_is_said(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.add("org/name", LLAMA)
    assert load("org/name").notes == ()
    monkeypatch.setenv("LLMMEM_CACHE", "")

    def silent(self: object) -> dict[str, Any]:
        raise SourceUnavailableError("The server says nothing.", "Ask again.")

    monkeypatch.setattr("llmmem.sources.remote.Remote.info", silent)
    (note,) = load("org/name").notes
    assert "how the weights are quantised is unknown" in note


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"address": 1}', "\x00", '{"address": "?", "value": [1]}'])
def test_what_is_kept_may_be_damaged(text: str, server: Hub, alone: Path) -> None:
    server.add("org/foo", FOO, files={"model.safetensors": file(UNKNOWN)})
    first = calculate_memory("org/foo")
    for entry in (alone / "kept").iterdir():
        entry.write_text(text)
    assert calculate_memory("org/foo").lines == first.lines


def test_a_cache_that_cannot_be_written(server: Hub, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / "file").write_text("")
    for place_of_it in (str(alone / "file" / "x"), "/proc/nothing", ""):
        monkeypatch.setenv("LLMMEM_CACHE", place_of_it)
        server.add("org/name", LLAMA)
        assert load("org/name").source == load("org/name").source == "hub"
    monkeypatch.delenv("LLMMEM_CACHE")
    assert kept.folder() == alone / ".cache" / "llmmem"
    monkeypatch.setenv("XDG_CACHE_HOME", str(alone / "xdg"))
    assert kept.folder() == alone / "xdg" / "llmmem"


def test_interrupting_ends_at_once_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    left: list[int] = []
    monkeypatch.setattr(hub.Client, "get", interrupted)
    monkeypatch.setattr(os, "_exit", left.append)
    monkeypatch.setattr("sys.argv", ["llmmem", "calc", "org/name"])
    with pytest.raises(SystemExit):
        main()
    assert left == [130]
    assert capsys.readouterr() == ("", "llmmem: Interrupted.\n")
