"""The command line: outputs, errors and exit statuses of every command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmmem.cli import run

LLAMA = "meta-llama/Llama-2-7b-hf"
#: a model about which the catalogue has no note
PLAIN = "meta-llama/Llama-3.1-8B"
COMMANDS = {
    "calc": [PLAIN],
    "compare": [PLAIN, "google/gemma-3-4b-it"],
    "max-batch": [PLAIN, "--gpu", "h100"],
    "attention": [PLAIN],
    "gpus": [],
}


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = run(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def data(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    status, out, _ = ask(capsys, *arguments, "--json")
    assert status == 0, out
    return json.loads(out)["data"]


# The contract


def test_json_of_calc(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = ask(capsys, "calc", LLAMA, "--precision", "int8", "--gpu", "h100", "--json")
    answer = json.loads(out)
    assert status == 0
    assert err == ""
    assert list(answer) == ["llmmem", "command", "data", "notes"]
    assert (answer["llmmem"], answer["command"]) == (1, "calc")
    d = answer["data"]
    assert d["model"] == {
        "id": LLAMA,
        "source": "catalogue",
        "model_type": "llama",
        "architecture": "LlamaForCausalLM",
        "attention": "MHA 32",
        "parameters": 6_738_415_616,
        "active_parameters": 6_738_415_616,
        "layers": 32,
        "max_context": 4096,
    }
    assert d["deployment"] == {
        "engine": "transformers",
        "precision": "int8",
        "kv_precision": "fp16",
        "batch": 1,
        "context": 2048,
        "tp": 1,
        "pp": 1,
        "ep": 1,
        "dp": 1,
        "images": 0,
        "image_size": None,
        "video_frames": 0,
        "audio": 0.0,
    }
    assert list(d["memory"]) == ["weights", "kv_cache", "state", "activations", "image", "overhead", "total"]
    assert d["memory"]["kv_cache"] == 2**30
    assert d["memory"]["total"] == sum(v for k, v in d["memory"].items() if k != "total")
    assert d["cache"]["bytes_per_token"] == 32 * 2 * 32 * 128 * 2
    assert d["cache"]["bytes_per_request"] == d["cache"]["window_floor"] == 2**30
    assert d["cache"]["pool_bytes"] is d["cache"]["pool_tokens"] is d["cache"]["max_concurrency"] is None
    for line in d["lines"]:
        assert list(line) == ["component", "group", "label", "bytes", "low", "high", "basis", "why"]
    (fit,) = d["fit"]
    assert {"gpu", "gpus", "usable", "used", "fits", "max_batch", "max_context"} <= set(fit)
    assert fit["gpu"] == "h100-sxm-80gb"
    assert abs(fit["usable"] - 79.18 * 2**30) < 2**20
    assert fit["fits"] is True


def test_kv_precision_and_tp_are_separate_from_precision(capsys: pytest.CaptureFixture[str]) -> None:
    d = data(capsys, "calc", LLAMA, "--precision", "int8", "--kv-precision", "fp8", "--tp", "4", "--context", "4k")
    assert d["memory"]["kv_cache"] == 32 * 2 * 8 * 128 * 4096
    assert d["deployment"]["kv_precision"] == "fp8"


def test_explain_lists_every_tensor(capsys: pytest.CaptureFixture[str]) -> None:
    d = data(capsys, "calc", "deepseek-ai/DeepSeek-V3", "--explain")
    tensors = [t for part in d["explain"] if part["loaded"] for t in part["tensors"]]
    assert sum(t["bytes"] for t in tensors) == d["memory"]["weights"]
    assert any(not part["loaded"] and part["component"] == "mtp" for part in d["explain"])
    status, out, _ = ask(capsys, "calc", "deepseek-ai/DeepSeek-V3", "--explain")
    assert status == 0
    assert "model.layers.{}.self_attn.kv_b_proj.weight" in out


def test_compare_has_one_entry_per_model(capsys: pytest.CaptureFixture[str]) -> None:
    models = data(capsys, "compare", LLAMA, "google/gemma-3-4b-it", "--gpu", "l4")["models"]
    assert [m["model"]["parameters"] for m in models] == [6_738_415_616, 4_300_079_472]
    assert all(len(m["fit"]) == 1 for m in models)


def test_max_batch_is_an_exact_inverse(capsys: pytest.CaptureFixture[str]) -> None:
    (limit,) = data(capsys, "max-batch", LLAMA, "--gpu-memory", "40GiB", "--context", "4096")["limits"]
    for batch, fits in ((limit["max_batch"], True), (limit["max_batch"] + 1, False)):
        high = data(capsys, "calc", LLAMA, "--batch", str(batch), "--context", "4096")["peak"]["high"]
        assert (high <= 40 * 2**30) is fits


def test_attention_shows_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    rows = data(capsys, "attention", "mistralai/Mistral-7B-v0.1", "--contexts", "1024,4096,16384")["results"]
    assert [r["kv_cache"] for r in rows] == [n * 131_072 for n in (1024, 4095, 4095)]
    assert rows[-1]["bytes_per_token"] == 0


def test_gpus(capsys: pytest.CaptureFixture[str]) -> None:
    every = data(capsys, "gpus")["gpus"]
    assert len(every) >= 40
    some = data(capsys, "gpus", "--vendor", "nvidia", "--min-memory", "80GiB")["gpus"]
    assert 0 < len(some) < len(every)
    assert all(g["vendor"] == "NVIDIA" and g["usable_bytes"] >= 80 * 2**30 for g in some)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json"])
def test_every_command_speaks_every_format(capsys: pytest.CaptureFixture[str], command: str, form: str) -> None:
    status, out, err = ask(capsys, command, *COMMANDS[command], "--format", form)
    assert status == 0
    assert err == ""
    assert "\x1b" not in out
    if form == "json":
        assert json.loads(out)["command"] == command
    elif form == "csv":
        widths = {line.count(",") for line in out.splitlines()[:1]}
        assert widths and max(widths) >= 4
    elif form == "markdown":
        assert "|" in out


def test_standard_input_and_paths(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = json.dumps({"model_type": "llama", "torch_dtype": "bfloat16"})
    monkeypatch.setattr(sys, "stdin", io.StringIO(config))
    assert data(capsys, "calc", "-")["model"]["source"] == "stdin"
    (tmp_path / "config.json").write_text(config)
    for path in (tmp_path, tmp_path / "config.json"):
        model = data(capsys, "calc", str(path))["model"]
        assert (model["source"], model["parameters"]) == ("local", 6_738_415_616)


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = ask(capsys, "calc", "openai-community/gpt2", "--context", "4096")
    assert status == 0
    assert "beyond the 1,024 positions" in err
    assert "beyond" not in out
    assert data(capsys, "calc", "openai-community/gpt2")["deployment"]["context"] == 1024


def test_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(capsys, "calc", LLAMA, "--gpu", "h100", "--check")[0] == 0
    assert ask(capsys, "calc", "meta-llama/Llama-2-70b-hf", "--gpu", "h100", "--check")[0] == 3
    assert ask(capsys, "calc", "meta-llama/Llama-2-70b-hf", "--gpu", "h100", "--tp", "2", "--check")[0] == 0
    assert ask(capsys, "compare", LLAMA, "meta-llama/Llama-2-70b-hf", "--gpu", "h100", "--check")[0] == 3
    assert ask(capsys, "max-batch", LLAMA, "--gpu-memory", "8GiB", "--check")[0] == 3


# Bad input, as a new user would try it

BAD: list[tuple[list[str], int, str]] = [
    (["calc", "meta-llama/Llama-2-7b-hff"], 1, "Llama-2-7b-hf"),
    (["calc", "no-such-org/no-such-model"], 1, "no-such-model"),
    (["calc", "./no/such/folder"], 1, "no/such/folder"),
    (["calc", LLAMA, "--batch", "0"], 2, "--batch"),
    (["calc", LLAMA, "--batch", "-3"], 2, "--batch"),
    (["calc", LLAMA, "--batch", "many"], 2, "--batch"),
    (["calc", LLAMA, "--batch", "99999999999999999999"], 2, "--batch"),
    (["calc", LLAMA, "--context", "0"], 2, "not positive"),
    (["calc", LLAMA, "--context", "-5"], 2, "negative"),
    (["calc", LLAMA, "--context", "lots"], 2, "lots"),
    (["calc", LLAMA, "--context", "1e30"], 2, "1e30"),
    (["calc", LLAMA, "--tp", "3"], 1, "32 attention heads"),
    (["calc", LLAMA, "--precision", "int9"], 2, "int9"),
    (["calc", LLAMA, "--kv-precision", "q4"], 2, "q4"),
    (["calc", LLAMA, "--engine", "vllm2"], 2, "vllm2"),
    (["calc", LLAMA, "--gpu", "h1000"], 2, "h1000"),
    (["calc", LLAMA, "--overhead", "0.1"], 2, "--overhead"),
    (["calc", LLAMA, "--images", "2"], 1, "takes no pictures"),
    (["calc", LLAMA, "--image-size", "10x10"], 2, "--image-size"),
    (["calc", LLAMA, "--check"], 2, "--check"),
    (["max-batch", LLAMA, "--check"], 2, "--check"),
    (["max-batch", LLAMA, "--gpu", "h100", "--for", "gpus", "--contexts", "1k,2k"], 2, "--contexts"),
    (["calc", LLAMA, "--unit", "GB"], 2, "--unit"),
    (["calc", LLAMA, "--quiet", "--output", "x.csv"], 2, "--quiet"),
    (["calc", LLAMA, "--quiet", "--format", "csv"], 2, "--quiet"),
    (["calc", LLAMA, "--format", "xml"], 2, "xml"),
    (["calc", LLAMA, "--nonsense"], 2, "--nonsense"),
    (["calc"], 2, "MODEL"),
    (["calcc"], 2, "calc"),
    (["compare", "-", "-"], 2, "stdin"),
    (["max-batch", LLAMA, "--gpu", "h100", "--gpu-memory", "80GiB"], 2, "--gpu-memory"),
    (["max-batch", LLAMA, "--gpu-memory", "-1"], 2, "negative"),
    (["attention", LLAMA, "--contexts", "1024,,2048"], 2, "number of tokens"),
    (["gpus", "--vendor", "acme"], 2, "acme"),
]


@pytest.mark.parametrize(("arguments", "status", "word"), BAD, ids=[" ".join(a)[-50:] for a, _, _ in BAD])
def test_bad_input_is_one_sentence_and_a_hint(
    capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, word: str
) -> None:
    got, out, err = ask(capsys, *arguments)
    assert got == status, err
    assert out == ""
    lines = err.splitlines()
    assert len(lines) == 2, err
    assert lines[0].startswith("llmmem: ")
    assert lines[1].startswith("hint: ")
    assert word in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("arguments", "status", "word"), BAD[:12], ids=[" ".join(a)[-50:] for a, _, _ in BAD[:12]])
def test_failures_speak_json(capsys: pytest.CaptureFixture[str], arguments: list[str], status: int, word: str) -> None:
    got, out, err = ask(capsys, *arguments, "--json")
    assert got == status
    assert err == ""
    answer = json.loads(out)
    assert list(answer) == ["llmmem", "command", "error"]
    assert list(answer["error"]) == ["kind", "message", "hint"]
    assert word in out


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ('{"model_type": "llama", "hidden', "JSON"),
        ("{}", "model_type"),
        ("[]", "list"),
        ("", "empty"),
        ('{"model_type": "llama", "num_attention_heads": 0}', "num_attention_heads"),
        ('{"model_type": "lama"}', "llama"),
    ],
)
def test_broken_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, word: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    status, out, err = ask(capsys, "calc", str(path))
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 2
    assert word in err


def test_a_folder_without_a_config(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status, _, err = ask(capsys, "calc", str(tmp_path))
    assert status == 1
    assert "config.json" in err


# As a process


def process(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "llmmem", *arguments], capture_output=True, text=True, **more)


def test_python_m_and_version() -> None:
    assert process("--version").stdout.startswith("llmmem 0.")
    assert process("--help").returncode == 0
    assert process().returncode == 2
    assert "calc" in process("--help").stdout


def test_a_reader_that_leaves_early() -> None:
    read, write = os.pipe()
    os.close(read)
    run = subprocess.run([sys.executable, "-m", "llmmem", "gpus"], stdout=write, stderr=subprocess.PIPE, text=True)
    os.close(write)
    assert run.returncode == 0
    assert run.stderr == ""


def test_a_terminal_gets_rich_tables_within_its_width() -> None:
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    for width in (80, 140):
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
        environment.pop("COLUMNS", None)
        command = [sys.executable, "-m", "llmmem", "calc", PLAIN]
        child = subprocess.Popen(command, stdout=follower, stderr=follower, stdin=follower, env=environment)
        os.close(follower)
        text = b""
        while True:
            try:
                chunk = os.read(leader, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        assert child.wait() == 0
        os.close(leader)
        import re

        plain = re.sub(r"\x1b\[[0-9;]*m", "", text.decode())
        assert "\x1b[3" not in text.decode(), "colour although NO_COLOR is set"
        assert max(len(line.rstrip()) for line in plain.splitlines()) <= width
        assert ("  low" in plain.split("Why:")[0]) is (width == 140)
        assert "14.96" in plain
