"""Where terminals, locales, pipes and shell scripts are not as one would like."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from llmmem.cli import COMMANDS, run

PLAIN = "meta-llama/Llama-3.1-8B"
CALLS = {
    "calc": ["calc", PLAIN],
    "compare": ["compare", PLAIN, "--gpu", "l4", "--check"],
    "max-batch": ["max-batch", PLAIN, "--gpu", "h100"],
    "attention": ["attention", "google/gemma-3-4b-it"],
    "gpus": ["gpus"],
}


def process(
    *arguments: str, environment: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "llmmem", *arguments]
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", **(environment or {})}
    more = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run(command, text=True, encoding="utf-8", env=surroundings, **more)


ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:strict"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model in a folder whose name is beyond ASCII."""
    folder = tmp_path / "modèle-模型"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama", "torch_dtype": "bfloat16"}')
    return folder


@pytest.mark.parametrize("form", ["table", "csv", "markdown", "json", "svg"])
def test_a_locale_without_the_characters(model: Path, form: str) -> None:
    answer = process("calc", str(model), "--format", form, environment=ASCII)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.isascii()
    if form == "json":
        assert json.loads(answer.stdout)["data"]["model"]["id"] == str(model)


def test_failures_in_such_a_locale(model: Path) -> None:
    missing = str(model / "näher")
    plain = process("calc", missing, environment=ASCII)
    assert plain.returncode == 1
    assert "n\\xe4her" in plain.stderr
    assert process("calc", str(model), environment={**ASCII, "PYTHONUTF8": "0"}).returncode == 0
    answer = process("calc", missing, "--json", environment=ASCII)
    assert "näher" in json.loads(answer.stdout)["error"]["message"]


def on_terminal(arguments: list[str], columns: int, environment: dict[str, str]) -> tuple[int, str]:
    """Status and output of a command in a terminal of so many columns."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    surroundings = {**os.environ, "TERM": "xterm", "HF_HUB_OFFLINE": "1", **environment}
    surroundings.pop("COLUMNS", None)
    command = [sys.executable, "-m", "llmmem", *arguments]
    child = subprocess.Popen(command, stdout=follower, stderr=follower, stdin=follower, env=surroundings)
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
    status = child.wait()
    os.close(leader)
    return status, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.decode().replace("\r", ""))


def test_a_terminal_without_the_characters(model: Path) -> None:
    status, text = on_terminal(["calc", str(model)], 80, ASCII)
    assert status == 0
    assert text.isascii()
    assert "mod\\xe8le" in text.replace("\n", "")


@pytest.mark.parametrize("command", CALLS)
@pytest.mark.parametrize("columns", [1, 24])
def test_a_very_narrow_terminal(command: str, columns: int) -> None:
    status, text = on_terminal(CALLS[command], columns, {})
    assert status == 0
    assert "Traceback" not in text
    assert text.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["--nonsense", "--json"],
        ["calcc", "--json"],
        *([command, "--json", "--nonsense"] for command in COMMANDS),
        ["calc", "--json"],
        ["compare", "--json"],
        ["calc", "--format=json", PLAIN, "--batch", "many"],
        ["max-batch", PLAIN, "--format", "json", "--gpu"],
        ["compare", "--file", "none.yaml", "--json"],
        ["calc", "no/such", "--json"],
        ["gpus", "--gpu", "h1000", "--json"],
    ],
    ids=" ".join,
)
def test_every_failure_speaks_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    from llmmem.cli import run

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(arguments) in (1, 2)
    out, err = capsys.readouterr()
    assert err == ""
    answer = json.loads(out)
    assert list(answer) == ["llmmem", "command", "error"]
    assert all(answer["error"][key] for key in ("kind", "message", "hint"))


def test_a_reader_that_leaves_early_does_not_change_the_verdict() -> None:
    for command, status in ((["calc", PLAIN, "--gpu", "h100", "--check"], 0), (["calc", PLAIN, "--fail-over", "1"], 3)):
        for both in (False, True):
            read, write = os.pipe()
            os.close(read)
            run = process(*command, stdout=write, stderr=write if both else subprocess.PIPE)
            os.close(write)
            assert run.returncode == status
            assert not run.stderr or run.stderr.startswith("note: ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        run = process("gpus", stdout=full)
    assert run.returncode == 1
    assert run.stderr.splitlines()[0] == "llmmem: The answer cannot be written: No space left on device."
    assert len(run.stderr.splitlines()) == 2


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_closed_streams_and_loops(tmp_path: Path) -> None:
    """Without stdout the status still tells; a loop keeps its own standard input; nothing is left behind."""
    script = f"""
llmmem() {{ '{sys.executable}' -m llmmem "$@"; }}
llmmem calc {PLAIN} --gpu h100 --check >&-; echo "closed $?"
llmmem calc {PLAIN} --fail-over 1GiB > /dev/null 2>&-; echo "closed $?"
printf '%s\\n' {PLAIN} google/gemma-3-4b-it | while read -r id; do llmmem calc "$id" --quiet; done
for size in 1024 2048; do
  echo "{{\\"model_type\\": \\"llama\\", \\"hidden_size\\": $size}}" | llmmem calc - --quiet --unit bytes
done
"""
    surroundings = {**os.environ, "HF_HUB_OFFLINE": "1", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    surroundings |= {"PYTHONPATH": str(Path(__file__).parent.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HOME", "LLMMEM_CACHE"):
        surroundings.pop(name, None)
    run = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=surroundings, cwd=tmp_path)
    lines = run.stdout.splitlines()
    assert lines[:2] == ["closed 0", "closed 3"], run.stderr
    assert len(lines) == 6
    assert float(lines[2]) > float(lines[3]) > 0
    assert int(lines[5]) > int(lines[4]) > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "engine"),
    [
        ("BAAI/bge-base-en-v1.5", "vllm"),  # caches nothing
    ],
)
def test_models_that_are_unlike_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, model: str, engine: str
) -> None:
    from llmmem.cli import run

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(["calc", model, "--engine", engine, "--gpu", "h100"]) == 0
    assert "Needs" in capsys.readouterr().out


def test_several_stacks_are_refused_by_llama_cpp(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bark has three, and llama.cpp runs none of them; one of its tensors is called "weight"."""
    from llmmem.cli import run

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert run(["calc", "suno/bark-small", "--engine", "llama.cpp", "--gpu", "h100"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("llmmem: ") and "hint: " in err


def test_the_order_of_sets_changes_nothing() -> None:
    """Two stages of one size: which one a reason names does not depend on the hash seed."""
    command = ["calc", "Qwen/Qwen3-Embedding-0.6B", "--context", "4k", "--batch", "4"]
    first, second = (process(*command, environment={"PYTHONHASHSEED": seed}).stdout for seed in ("1", "2"))
    assert first == second


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_a_table_without_columns_is_its_title(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calc", "meta-llama/Llama-3.1-405B", "--gpu", "t4", "--format", form]) == 0
    out = capsys.readouterr().out
    assert "Nothing that was tried makes it fit." in out
    assert "\n\n\n" not in out and "\n|  |" not in out
