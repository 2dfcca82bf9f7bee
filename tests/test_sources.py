"""Every way a reference becomes a config.json, and every way it does not."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import COMMIT, Fault, Hub, serve

from llmmem import paths
from llmmem.errors import (
    ConfigError,
    GatedModelError,
    LlmmemError,
    ModelNotFoundError,
    SourceUnavailableError,
    UnsupportedArchitectureError,
    UsageError,
)
from llmmem.sources import Source, hub, jsonfile, load

LLAMA = {"model_type": "llama", "hidden_size": 64}
ENTRY = "repo: {repo}\nparameters: 1\nsource: its page\nconfig:\n  model_type: llama\n  hidden_size: {size}\n"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing of the machine: no home, no cache, no token, no proxy, no catalogue, and a closed port for a Hub."""
    for name in list(os.environ):
        if (
            name.startswith(("HF_", "HUGGINGFACE_", "HUGGING_FACE_", "XDG_", "TRANSFORMERS_"))
            or name.upper() in PROXIES
        ):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    monkeypatch.setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("LLMMEM_CACHE", "")
    monkeypatch.setattr(paths, "configs_dir", lambda: tmp_path / "configs")
    monkeypatch.setattr(hub, "PAUSES", (0.0, 0.0))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with serve() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


@pytest.fixture
def catalogue(alone: Path) -> Callable[..., None]:
    def add(*repos: str) -> None:
        for number, repo in enumerate(repos, 1):
            path = alone / "configs" / "models" / f"{repo}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ENTRY.format(repo=repo, size=number))

    return add


def fails(kind: type[LlmmemError], ref: Any, *words: str, hint: str = "", **options: Any) -> LlmmemError:
    """Loading fails with exactly this class, one sentence holding the words, and a hint."""
    with pytest.raises(LlmmemError) as caught:
        load(ref, **options)
    error = caught.value
    message = str(error)
    assert type(error) is kind, repr(error)
    for word in words:
        assert word in message, message
    assert message.endswith((".", "?")) and "\n" not in message and len(message) < 400, message
    assert error.hint and hint in error.hint, error.hint
    assert all(c.isprintable() for c in message + error.hint)
    return error


def cached(hub_cache: Path, repo: str, config: Any, ref: str = "main", commit: str = COMMIT) -> Path:
    """A model in the cache as the library lays it out."""
    model = hub_cache / f"models--{repo.replace('/', '--')}"
    blob = model / "blobs" / "1234"
    file = model / "snapshots" / commit / "config.json"
    for path in (blob, file, model / "refs" / ref):
        path.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(config if isinstance(config, bytes) else json.dumps(config).encode())
    file.symlink_to("../../blobs/1234")
    (model / "refs" / ref).write_text(commit)
    return file


def python(script: str, where: Path, **variables: str) -> tuple[str, str]:
    """Standard output and error of a script in a process of its own."""
    path = os.pathsep.join([str(Path(paths.__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=where,
        env={**os.environ, "PYTHONPATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout, run.stderr


# --- what a reference means ---------------------------------------------------------------------------------------


def test_a_dict_is_a_config() -> None:
    assert load(LLAMA) == Source(LLAMA, "", "dict")
    assert load({}).raw == {}


@pytest.mark.parametrize("ref", [None, 3, ["org/name"], b"org/name"])
def test_other_objects_are_wrong_usage(ref: Any) -> None:
    fails(UsageError, ref, type(ref).__name__)


@pytest.mark.parametrize(
    "ref",
    [
        "",
        " ",
        "org/na me",
        "org/..",
        "org--x/name",
        "a..b",
        "org/-name",
        "org/name.",
        "naïve/name",
        "x" * 201,
        "org/" + "n" * 120,
        "org\x1b[31m/name",
        "org/name\x00",
        "name\n/x",
        "@main",
        "%2e%2e/name",
        "org/n?x=1",
        "org/n#1",
    ],
)
def test_what_is_no_id_reaches_neither_disk_nor_network(ref: str, server: Hub) -> None:
    fails(ModelNotFoundError, ref, "neither a file nor the id", hint="org/name")
    assert server.asked == []


@pytest.mark.parametrize(
    "revision", ["", "..", "a/../b", "/etc", "a\\b", "a b", "a\nb", "-x", "a//b", "~x", "x*y", "r" * 201, "."]
)
def test_a_revision_is_checked_too(revision: str, server: Hub) -> None:
    fails(UsageError, "org/name", "revision", revision=revision)
    if revision.strip():
        fails(UsageError, f"org/name@{revision}" if revision != "/etc" else "org/name@~", "revision")
    assert server.asked == []


def test_two_revisions_must_agree(server: Hub) -> None:
    server.add("org/name", LLAMA, revisions=("main", "v1"))
    fails(UsageError, "org/name@v1", "v1", "v2", revision="v2")
    assert load("org/name@v1", revision="v1").id == "org/name@v1"


@pytest.mark.parametrize(
    "ref",
    [
        "./org/name",
        "../name",
        "~/name",
        "/org/name",
        "a/b/c",
        "org\\name",
        "C:\\models\\x",
        "x.json",
        "org/x.json",
        "org/name/",
        "model.gguf",
        "a/b/config.json",
        "~nobody-here/x",
        "./" + "x" * 300,
        "./a\x00b",
        "/dev/null/x",
    ],
)
def test_a_misspelt_path_is_a_missing_file(ref: str, server: Hub) -> None:
    error = fails(ModelNotFoundError, ref, "There is no file or folder")
    assert "Hub" in error.hint
    assert server.asked == []


def test_revisions_may_hold_slashes(server: Hub) -> None:
    server.add("org/name", LLAMA, revisions=("refs/pr/1",))
    assert load("org/name@refs/pr/1").source == "hub"
    assert server.asked[0].path == "/org/name/resolve/refs%2Fpr%2F1/config.json"


# --- local files --------------------------------------------------------------------------------------------------


def test_a_file_a_folder_and_any_json(alone: Path) -> None:
    folder = Path("models/mine")
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(LLAMA))
    Path("other.json").write_text(json.dumps({"model_type": "gpt2"}))
    for ref in ("models/mine", "./models/mine/", "models/mine/config.json", folder, folder / "config.json"):
        source = load(ref)
        assert (source.raw, source.source, source.revision, source.notes) == (LLAMA, "local", None, ())
    assert load("./models/mine/").id == str(folder)
    assert load("other.json").raw == {"model_type": "gpt2"}
    (alone / "home" / "x").symlink_to(folder.absolute())
    assert load("~/x").raw == LLAMA
    assert load("models/mine", revision="v1").notes == ("The revision is ignored: only a model on the Hub has one.",)


def test_an_existing_path_comes_before_an_id(catalogue: Callable[..., None]) -> None:
    catalogue("org/name")
    assert load("org/name").source == "catalogue"
    Path("org/name").mkdir(parents=True)
    Path("org/name/config.json").write_text("{}")
    assert load("org/name").source == "local"
    Path("org/name/config.json").unlink()
    fails(ModelNotFoundError, "org/name", "The folder org/name has no config.json", hint="org/name@main")


def test_a_path_object_is_never_an_id(catalogue: Callable[..., None]) -> None:
    catalogue("org/name")
    fails(ModelNotFoundError, Path("org/name"), "There is no file")


def test_a_misspelt_name_is_suggested() -> None:
    Path("models").mkdir()
    Path("models/config.json").write_text("{}")
    fails(ModelNotFoundError, "./models/confg.json", hint=f"Did you mean {Path('models/config.json')}?")
    fails(ModelNotFoundError, "model/x/config.json", hint="Check the spelling")


@pytest.mark.parametrize(
    ("files", "kind", "words", "hint"),
    [
        ([], ModelNotFoundError, "has no config.json", "that has one"),
        (["README.md"], ModelNotFoundError, "has no config.json", "README.md"),
        (["pytorch_model.bin", "tf_model.h5"], ModelNotFoundError, "(Keras, PyTorch)", "config.json"),
        (["a.safetensors", "b.safetensors"], ModelNotFoundError, "several files of weights", "a.safetensors"),
        (["consolidated.00.pth", "params.json"], UnsupportedArchitectureError, "params.json", "converted"),
        (["adapter_config.json", "adapter_model.safetensors"], UnsupportedArchitectureError, "adapter", "base_model"),
        (["0_Transformer/config.json"], ModelNotFoundError, "at its top", "0_Transformer"),
    ],
)
def test_a_folder_or_repository_without_config_says_what_it_holds(
    files: list[str], kind: type[LlmmemError], words: str, hint: str, server: Hub
) -> None:
    folder = Path("a/b/c")
    folder.mkdir(parents=True)
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x")
    fails(kind, "a/b/c", "The folder a/b/c", words, hint=hint)
    fails(kind, "a/b/c/config.json", words, hint=hint)
    server.add("org/name", files=dict.fromkeys(files, b"x"))
    fails(kind, "org/name", "org/name", words, hint=hint)
    assert len(server.asked) == 2


def test_a_pipeline_is_read_from_its_folder(server: Hub) -> None:
    files = {
        "model_index.json": b'{"_class_name": "P", "unet": ["diffusers", "U"], "vae": [null, null], "n": 3, '
        b'"scheduler": ["diffusers", "DDIMScheduler"], "tokenizer": ["transformers", "CLIPTokenizer"]}',
        "unet/config.json": b'{"in_channels": 4}',
    }
    for name, data in files.items():
        Path("p", name).parent.mkdir(parents=True, exist_ok=True)
        Path("p", name).write_bytes(data)
    unet = {"library": "diffusers", "class": "U", "config": {"in_channels": 4}}
    raw = {"_class_name": "P", "components": {"unet": unet}}
    assert load("./p").raw == raw
    assert load("./p/model_index.json").raw == raw
    fails(UnsupportedArchitectureError, "p/config.json", "diffusers", hint="unet")
    server.add("org/name", files=files)
    assert load("org/name").raw == raw


@pytest.mark.parametrize(
    ("index", "kind", "words"),
    [
        (b"x", ConfigError, "not valid JSON"),
        (b"{}", ConfigError, "names no component"),
        (b'{"unet": ["diffusers"]}', ConfigError, "a library and a class"),
        (b'{"unet": ["diffusers", "U"]}', ConfigError, "unet (U) has no config.json"),
        (b'{"../up": ["diffusers", "U"]}', ConfigError, "no name of a component"),
        (b'{"unet": ["diffusers", ["U", "U"]]}', UnsupportedArchitectureError, "no single class"),
    ],
)
def test_a_broken_pipeline_says_what_is_wrong(index: bytes, kind: type[LlmmemError], words: str) -> None:
    Path("p").mkdir()
    Path("p/model_index.json").write_bytes(index)
    fails(kind, "./p", words)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("m.BIN", "PyTorch"),
        ("m.pt", "PyTorch"),
        ("m.onnx", "ONNX"),
    ],
)
def test_files_of_weights_are_not_opened(name: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path(name).write_bytes(b"\x80\x04")
    monkeypatch.setattr(jsonfile, "read", lambda path: pytest.fail("opened"))
    fails(UnsupportedArchitectureError, name, name, kind, hint="config.json or its id")
    Path("config.json").write_text("{}")
    fails(UnsupportedArchitectureError, f"./{name}", kind, hint="beside it: config.json")


def test_folders_and_links_in_the_wrong_place() -> None:
    Path("x/config.json").mkdir(parents=True)
    fails(ModelNotFoundError, "x/config.json", "is a folder, not a file")
    fails(ConfigError, "x", "config.json cannot be read: is a directory")
    Path("gone").symlink_to("nowhere")
    fails(ConfigError, "gone", "gone is a link to a file that is not there")
    Path("y").mkdir()
    Path("y/config.json").symlink_to("nowhere")
    fails(ConfigError, "y", "is a link to a file that is not there")
    Path("round").symlink_to("round")
    fails(ConfigError, "round", "is a link")


def test_permission_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("config.json").write_text("{}")
    monkeypatch.setattr(Path, "open", lambda *args, **kwargs: (_ for _ in ()).throw(PermissionError(13, "no")))
    fails(ConfigError, "config.json", "config.json cannot be read: permission denied", hint="owner")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything is allowed")
def test_permission_denied_on_the_way() -> None:
    Path("x/y").mkdir(parents=True)
    Path("x").chmod(0)
    try:
        fails(ConfigError, "x/y/config.json", "permission denied")
        fails(ConfigError, "./x", "permission denied")
    finally:
        Path("x").chmod(0o700)


@pytest.mark.parametrize(
    ("data", "words", "hint"),
    [
        (b"", "is empty", ""),
        (b" \n", "is empty", ""),
        (b"\xef\xbb\xbf", "is empty", ""),
        (b'{"a": 1', "not valid JSON", "cut off"),
        (b'{"a": "b', "not valid JSON", "cut off"),
        (b'{"a": 1,}', "not valid JSON", "Correct"),
        (b"{'a': 1}", "line 1, column 2", "Correct"),
        (b"hello", "not valid JSON", ""),
        (b"<!DOCTYPE html><html>", "web page", "file itself"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "Git LFS pointer", "git lfs pull"),
        (b"[]", "it is a list", ""),
        (b"null", "it is null", ""),
        (b'"llama"', "it is a string", ""),
        (b"7", "it is a number", ""),
        (b"true", "it is true or false", ""),
        ("{}".encode("utf-16"), "not UTF-8", "UTF-8"),
        (b'{"a": "\xff"}', "not UTF-8", ""),
        (b"[" * 200_000, "nested too deeply", ""),
        (b'{"a":' * 200_000, "nested too deeply", ""),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "nested too deeply", ""),
        (b'{"a": ' + b"1" * 5000 + b"}", "number that is too long", ""),
        (b'{"hidden_size": 1, "hidden_size": 2}', "'hidden_size' twice", "one of them"),
        (b'{"text_config": {"a": 1, "b": 2, "a": null}}', "'a' twice", ""),
        (b"GGUF\x03\x00\x00\x00", "not valid JSON", ""),
    ],
)
def test_broken_files(data: bytes, words: str, hint: str, server: Hub) -> None:
    Path("x.json").write_bytes(data)
    fails(ConfigError, "x.json", "x.json", words, hint=hint)
    fails(ConfigError, "-", "Standard input", words, hint=hint, stdin=io.BytesIO(data))
    server.add("org/name", data)
    fails(ConfigError, "org/name", "config.json of org/name", words, hint=hint)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 1}', {"a": 1}),
        (b"{}", {}),
        (b'{"time_step_limit": [0.0, Infinity]}', {"time_step_limit": [0.0, float("inf")]}),
    ],
)
def test_odd_files_that_are_fine(data: bytes, value: Any, server: Hub) -> None:
    Path("x.json").write_bytes(data)
    server.add("org/name", data)
    assert load("x.json").raw == load("-", stdin=io.BytesIO(data)).raw == load("org/name").raw == value


def test_files_too_large(monkeypatch: pytest.MonkeyPatch, server: Hub) -> None:
    assert jsonfile.LARGEST == 32 << 20
    monkeypatch.setattr(jsonfile, "LARGEST", 1 << 20)
    data = b'{"a": "' + b"x" * (1 << 20) + b'"}'
    Path("x.json").write_bytes(data)
    server.add("org/name", data)
    for ref in ("x.json", "org/name", "-"):
        fails(ConfigError, ref, "larger than 1 MB", stdin=io.BytesIO(data))
    if Path("/dev/zero").exists():
        fails(ConfigError, "/dev/zero", "larger than 1 MB")


# --- standard input -----------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def read(self, *_: Any) -> str:
        raise AssertionError("would wait for ever")


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    source = load("-", stdin=io.StringIO(json.dumps(LLAMA)))
    assert source == Source(LLAMA, "-", "stdin")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a": 1}')))
    assert load("-", revision="v1").raw == {"a": 1}


def test_stdin_that_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(UsageError, "-", "terminal", hint="llmmem calc - < config.json", stdin=Terminal())
    closed = io.StringIO()
    closed.close()
    fails(UsageError, "-", "closed", stdin=closed)
    monkeypatch.setattr(sys, "stdin", None)
    fails(UsageError, "-", "closed")
    with Path.cwd().joinpath("f").open("wb") as write_only:
        fails(ConfigError, "-", "cannot be read", stdin=write_only)


# --- catalogue ----------------------------------------------------------------------------------------------------


def test_catalogue(catalogue: Callable[..., None]) -> None:
    catalogue("openai-community/gpt2", "Qwen/Qwen3-8B", "one/same", "two/same")
    assert load("Qwen/Qwen3-8B") == Source({"model_type": "llama", "hidden_size": 2}, "Qwen/Qwen3-8B", "catalogue")
    assert load(" qwen/qwen3-8b ").id == "Qwen/Qwen3-8B"
    assert load("gpt2").id == "openai-community/gpt2"
    assert load("GPT2").id == "openai-community/gpt2"
    fails(SourceUnavailableError, "same", offline=True)  # two models have this name
    fails(SourceUnavailableError, "Qwen/Qwen3-8B@main", offline=True)  # the catalogue knows no revisions


def test_one_catalogue_lookup_reads_one_file(catalogue: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    from llmmem import yamlfile

    catalogue("Qwen/Qwen3-8B", "Qwen/Qwen3-4B")
    read: list[str] = []

    def record(path: Path) -> dict[str, Any]:
        read.append(path.name)
        return {"config": {}}

    monkeypatch.setattr(yamlfile, "load", record)
    monkeypatch.setattr(Path, "iterdir", lambda self: pytest.fail("listed a folder"))
    assert load("Qwen/Qwen3-8B").raw == {}
    assert read == ["Qwen3-8B.yaml"]


@pytest.mark.parametrize("text", ["", "[]", "config: 3", "parameters: 1", "config: {"])
def test_a_broken_catalogue_entry(text: str, catalogue: Callable[..., None], alone: Path) -> None:
    catalogue("org/name")
    (alone / "configs/models/org/name.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"name\.yaml"):
        load("org/name")


# --- local cache --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({}, "home/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "{}/xdg"}, "xdg/huggingface/hub"),
        ({"HF_HOME": "{}/hf", "XDG_CACHE_HOME": "{}/xdg"}, "hf/hub"),
        ({"HF_HOME": "~/hf"}, "home/hf/hub"),
        ({"HF_HOME": "$HOME/hf"}, "home/hf/hub"),
        ({"HUGGINGFACE_HUB_CACHE": "{}/old", "HF_HOME": "{}/hf"}, "old"),
        ({"HF_HUB_CACHE": "{}/new", "HUGGINGFACE_HUB_CACHE": "{}/old"}, "new"),
    ],
)
def test_where_the_cache_is(
    variables: dict[str, str], place: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.replace("{}", str(alone)))
    cached(alone / place, "org/name", LLAMA)
    assert load("org/name") == Source(LLAMA, "org/name", "cache", COMMIT)


def test_revisions_in_the_cache(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(alone / "hub"))
    cached(alone / "hub", "gpt2", LLAMA, ref="refs/pr/1")
    for revision in ("refs/pr/1", COMMIT):
        assert load(f"gpt2@{revision}") == Source(LLAMA, f"gpt2@{revision}", "cache", COMMIT)
    for ref in ("gpt2", "gpt2@v1", "gpt2@" + "d" * 40):
        fails(SourceUnavailableError, ref, "neither in the catalogue nor in the local cache", offline=True)


def test_the_cache_comes_after_the_catalogue(
    alone: Path, monkeypatch: pytest.MonkeyPatch, catalogue: Callable[..., None]
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(alone / "hub"))
    cached(alone / "hub", "org/name", LLAMA)
    catalogue("org/name")
    assert [load(ref).source for ref in ("org/name", "org/name@main")] == ["catalogue", "cache"]


def test_a_damaged_cache(alone: Path, monkeypatch: pytest.MonkeyPatch, server: Hub) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(alone / "hub"))
    file = cached(alone / "hub", "org/name", b"{")
    fails(ConfigError, "org/name", str(file), "not valid JSON")
    server.add("org/name", {"from": "hub"})
    file.resolve().unlink()  # the link leads nowhere: as if it were not there
    assert load("org/name").source == "hub"
    (alone / "hub/models--org--name/refs/main").write_text("../../../../secret")
    (alone / "secret").mkdir()
    (alone / "secret/config.json").write_text("{}")
    assert load("org/name").source == "hub"


def test_the_cache_the_real_client_writes(alone: Path, monkeypatch: pytest.MonkeyPatch, server: Hub) -> None:
    from huggingface_hub import constants, hf_hub_download

    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    server.add("org/name", LLAMA, revisions=("main", "v1"))
    for revision in ("main", "v1"):
        hf_hub_download("org/name", "config.json", revision=revision, endpoint=server.url, cache_dir=alone / "hub")
    asked = len(server.asked)
    monkeypatch.setenv("HF_HUB_CACHE", str(alone / "hub"))
    for ref in ("org/name", "org/name@v1", f"org/name@{COMMIT}"):
        source = load(ref)
        assert (source.raw, source.source, source.revision) == (LLAMA, "cache", COMMIT)
    assert len(server.asked) == asked


WITHOUT_THE_HUB = """
    import json, socket, sys
    from pathlib import Path
    from llmmem import paths
    from llmmem.sources import load
    class Refused(socket.socket):
        def __init__(self, *args, **kwargs):
            raise AssertionError("a socket")
    socket.socket = Refused
    paths.configs_dir = lambda: Path("configs")
    print(load("org/listed").source, load("org/cached").source, load("x.json").source)
    heavy = ("huggingface_hub", "httpx2", "httpx", "requests", "urllib3", "ssl", "rich", "typer", "difflib")
    print([name for name in heavy if name in sys.modules])
"""


def test_hits_import_no_client_and_open_no_socket(alone: Path, catalogue: Callable[..., None]) -> None:
    catalogue("org/listed")
    cached(alone / "hub", "org/cached", LLAMA)
    (alone / "x.json").write_text("{}")
    answer = python(WITHOUT_THE_HUB, alone, HF_HUB_CACHE=str(alone / "hub"))
    assert answer == ("catalogue cache local\n[]\n", "")


# --- Hub ----------------------------------------------------------------------------------------------------------


def test_two_requests_for_one_config(server: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    server.add("org/name", LLAMA)
    server.add("gpt2", LLAMA)
    assert load("org/name") == Source(LLAMA, "org/name", "hub", COMMIT)
    assert [a.method + " " + a.path for a in server.asked] == [
        "GET /org/name/resolve/main/config.json",
        f"GET /api/models/org/name/revision/{COMMIT}",
    ]
    server.asked.clear()
    server.add("org/quantised", {**LLAMA, "quantization_config": {"quant_method": "fp8"}})
    assert load("org/quantised").source == "hub"
    assert len(server.asked) == 1
    assert server.asked[0].token is None
    assert load("gpt2").source == "hub"
    assert load(f"gpt2@{COMMIT}").revision == COMMIT
    assert capfd.readouterr() == ("", "")


def test_renamed_models(server: Hub) -> None:
    server.add("openai-community/gpt2", LLAMA)
    server.add("gpt2", moved="openai-community/gpt2")
    assert load("gpt2").raw == LLAMA
    assert len(server.asked) == 4


@pytest.mark.parametrize("given", ["option", "HF_TOKEN", "file"])
def test_the_token_goes_to_the_hub_and_nowhere_else(
    given: str, server: Hub, monkeypatch: pytest.MonkeyPatch, alone: Path
) -> None:
    from huggingface_hub import constants

    if given == "HF_TOKEN":
        monkeypatch.setenv("HF_TOKEN", "hf_right")
    if given == "file":
        (alone / "token").write_text("hf_right\n")
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(alone / "token"))
    with serve() as storage:
        repo = server.add("org/name", LLAMA, access="gated", storage=storage.url)
        storage.repos["org/name"] = repo
        source = load("org/name", token="hf_right" if given == "option" else None)
        assert (source.raw, source.revision) == (LLAMA, COMMIT)
        assert [a.token for a in server.asked] == ["Bearer hf_right"] * 2
        assert [(a.path, a.token) for a in storage.asked] == [("/storage/org/name/config.json", None)]


def test_the_option_wins_over_the_environment(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    server.add("org/name", LLAMA)
    load("org/name", token="hf_right")
    assert server.asked[0].token == "Bearer hf_right"


@pytest.mark.parametrize("token", ["hf_\nx: y", "hf_ü", "two words", "\x1b[0m"])
def test_a_token_that_is_none(token: str, server: Hub) -> None:
    error = fails(UsageError, "org/name", "token", token=token)
    assert token not in str(error) + error.hint
    assert server.asked == []


def test_not_found(server: Hub, catalogue: Callable[..., None]) -> None:
    fails(ModelNotFoundError, "org/name", "no public model org/name", hint="--token")
    fails(ModelNotFoundError, "org/name", "no model org/name", hint="no access", token="hf_other")
    catalogue("Qwen/Qwen3-8B", "meta-llama/Llama-3.1-8B")
    fails(ModelNotFoundError, "Qwen/Qwen-3-8B", hint="Did you mean Qwen/Qwen3-8B?")
    fails(ModelNotFoundError, "meta/llama-3.1-8b", hint="Did you mean meta-llama/Llama-3.1-8B?")
    fails(ModelNotFoundError, "llama-3.1-8B-x", hint="Did you mean meta-llama/Llama-3.1-8B?")
    fails(ModelNotFoundError, "org/zzz", hint="Check the spelling")
    assert len(server.asked) == 6


def test_revision_not_found(server: Hub) -> None:
    server.add("org/name", LLAMA)
    fails(ModelNotFoundError, "org/name@v9", "org/name has no revision v9", hint=f"{server.url}/org/name")


def test_gated(server: Hub) -> None:
    server.add("org/name", LLAMA, access="gated")
    fails(
        GatedModelError,
        "org/name",
        "org/name is gated",
        hint=f"Ask for access at {server.url}/org/name, then pass --token",
    )
    error = fails(GatedModelError, "org/name", "gated", hint="The token has no access", token="hf_other")
    assert "hf_other" not in str(error) + error.hint
    assert load("org/name", token="hf_right").raw == LLAMA


def test_private(server: Hub) -> None:
    server.add("org/name", LLAMA, access="private")
    fails(ModelNotFoundError, "org/name", "no public model", hint="private model needs --token")
    fails(ModelNotFoundError, "org/name", hint="if the model is private", token="hf_other")
    assert load("org/name", token="hf_right").raw == LLAMA


def test_a_token_the_hub_does_not_know(server: Hub) -> None:
    server.add("org/name", LLAMA)
    error = fails(GatedModelError, "org/name", "does not accept the token", hint="HF_TOKEN", token="hf_secret")
    assert "hf_secret" not in str(error) + error.hint


def test_an_endpoint_with_a_password_is_not_shown(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url.replace("http://", "http://me:secret@"))
    server.faults = [Fault(404, {"X-Error-Code": "RevisionNotFound"})]
    error = fails(ModelNotFoundError, "org/name@v1", hint=server.url)
    assert "secret" not in str(error) + error.hint


@pytest.mark.parametrize(
    ("fault", "kind", "words", "hint"),
    [
        (Fault(401), GatedModelError, "does not let us read org/name", "--token"),
        (Fault(403), GatedModelError, "does not let us read org/name", "--token"),
        (Fault(404), ModelNotFoundError, "no public model", ""),
        (Fault(403, {"X-Error-Message": "Access to this resource is disabled."}), ModelNotFoundError, "disabled", ""),
        (Fault(429), SourceUnavailableError, "too many requests", "later, or with a token"),
        (Fault(429, {"Retry-After": "3600"}), SourceUnavailableError, "429", "in 3600 seconds"),
        (Fault(407), SourceUnavailableError, "proxy", "HTTPS_PROXY"),
        (Fault(501), SourceUnavailableError, "(501)", "later"),
        (Fault(418), SourceUnavailableError, "(418)", ""),
        (Fault(204), SourceUnavailableError, "(204)", ""),
        (Fault(300), SourceUnavailableError, "(300)", ""),
        (Fault(body=b"<html>log in</html>"), SourceUnavailableError, "something else", "HF_ENDPOINT"),
        (Fault(body=b""), SourceUnavailableError, "something else", "proxy"),
        (Fault(200, {"X-Repo-Commit": COMMIT}, b"[1]"), ConfigError, "it is a list", ""),
        (Fault(302, {"Location": "ftp://elsewhere/x"}), SourceUnavailableError, "cannot be asked", ""),
        (Fault(302, {"Location": "http://127.0.0.1:1/x"}), SourceUnavailableError, "refuses the connection", ""),
        (Fault(200, {"Content-Encoding": "gzip"}, b"not gzip"), SourceUnavailableError, "", ""),
    ],
)
def test_answers_that_are_final(fault: Fault, kind: type[LlmmemError], words: str, hint: str, server: Hub) -> None:
    server.add("org/name", LLAMA)
    server.faults = [fault]
    fails(kind, "org/name", words, hint=hint)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(500), "(500)"),
        (Fault(503, body=b"<html>"), "(503)"),
        (Fault(hang_up=True), "broke the connection off"),
        (Fault(body=b'{"a"', missing=10), "broke the connection off"),
    ],
)
def test_what_may_pass_is_tried_twice_more(fault: Fault, words: str, server: Hub) -> None:
    server.add("org/name", LLAMA)
    server.faults = [fault, fault]
    assert load("org/name").raw == LLAMA
    assert len(server.asked) == 4
    server.faults = [fault] * 3
    fails(SourceUnavailableError, "org/name", words)
    assert len(server.asked) == 7


def test_silence_and_dripping_end_in_time(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "TIMEOUTS", {"HF_HUB_ETAG_TIMEOUT": 0.2, "HF_HUB_DOWNLOAD_TIMEOUT": 0.2})
    server.add("org/name", LLAMA)
    for fault in (Fault(before=0.6), Fault(body=b" " * 100, between=0.05)):
        server.faults = [fault]
        fails(SourceUnavailableError, "org/name", "does not answer in time", hint="network")
    assert len(server.asked) == 2


def test_redirects_in_circles(server: Hub) -> None:
    server.add("a/b", moved="a/b")
    fails(SourceUnavailableError, "a/b", "redirects in circles")


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    fails(SourceUnavailableError, "org/name", "127.0.0.1:1 refuses the connection", hint="Check the network")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:1")
    assert "secret" not in fails(SourceUnavailableError, "org/name", hint="check HTTPS_PROXY").hint

    def unresolved(*_: Any, **__: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    fails(SourceUnavailableError, "org/name", "does not resolve")


@pytest.mark.parametrize(
    ("name", "value", "kind", "words"),
    [
        ("HF_ENDPOINT", "huggingface.co", UsageError, "HF_ENDPOINT"),
        ("HF_ENDPOINT", "http://[::1", UsageError, "HF_ENDPOINT"),
        ("HF_ENDPOINT", "http://host:port", UsageError, "HF_ENDPOINT"),
        ("HF_ENDPOINT", "file:///etc", UsageError, "HF_ENDPOINT"),
        ("HF_HUB_ETAG_TIMEOUT", "soon", UsageError, "HF_HUB_ETAG_TIMEOUT is soon"),
        ("HF_HUB_DOWNLOAD_TIMEOUT", "", UsageError, "HF_HUB_DOWNLOAD_TIMEOUT is empty"),
        ("HF_HUB_ETAG_TIMEOUT", "-1", UsageError, "HF_HUB_ETAG_TIMEOUT"),
        ("HTTP_PROXY", "http://127.0.0.1:1", SourceUnavailableError, "HTTPS_PROXY"),
        ("HTTP_PROXY", "http://[::1", SourceUnavailableError, "HTTPS_PROXY"),
        ("HTTP_PROXY", "nonsense://x", SourceUnavailableError, "HTTPS_PROXY"),
        ("HF_HUB_ENABLE_HF_TRANSFER", "1", SourceUnavailableError, "refuses the connection"),
        ("HF_HUB_OFFLINE", "1", SourceUnavailableError, "HF_HUB_OFFLINE is set"),
    ],
)
def test_the_environment_of_a_fresh_process(
    name: str, value: str, kind: type[LlmmemError], words: str, alone: Path
) -> None:
    """The library reads its variables when it is imported; whatever they hold, one sentence comes out."""
    script = """
        from llmmem.errors import LlmmemError
        from llmmem.sources import load
        try:
            load("org/name-of-nothing")
        except LlmmemError as error:
            print(type(error).__name__, error, error.hint)
    """
    out, err = python(script, alone, **{name: value})
    assert err == ""
    assert out.startswith(kind.__name__ + " ") and words in out, out


def test_the_proxy_is_used(server: Hub, alone: Path) -> None:
    script = "from llmmem.sources import load; print(load('org/name').raw)"
    server.faults = [Fault(200, {"X-Repo-Commit": COMMIT}, b'{"by": "proxy"}')]
    answer = python(script, alone, HTTP_PROXY=server.url, HF_ENDPOINT="http://hub.invalid")
    assert answer == ("{'by': 'proxy'}\n", "")
    assert server.asked[0].path == "http://hub.invalid/org/name/resolve/main/config.json"


# --- offline ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", [None, "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline(
    variable: str | None, server: Hub, monkeypatch: pytest.MonkeyPatch, catalogue: Callable[..., None]
) -> None:
    server.add("org/name", LLAMA)
    if variable:
        monkeypatch.setenv(variable, "YES")
    words = f"{variable} is set" if variable else "stay offline"
    fails(SourceUnavailableError, "org/name@v1", "org/name@v1 is neither", words, hint="Allow", offline=not variable)
    catalogue("org/names")
    fails(SourceUnavailableError, "org/name", hint="Did you mean org/names?", offline=not variable)
    assert load("org/names", offline=not variable).source == "catalogue"
    assert server.asked == []


def test_offline_can_be_switched_off(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    server.add("org/name", LLAMA)
    assert load("org/name").source == "hub"


def test_the_library_switched_offline(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    fails(SourceUnavailableError, "org/name", "offline mode", hint="config.json")
    assert server.asked == []
