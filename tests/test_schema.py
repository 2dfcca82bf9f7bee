"""What scripts rely on: the shape of every answer (tests/conftest.py checks each one) and the exit statuses."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from schema import check, schema

from llmmem.cli import COMMANDS, run
from llmmem.errors import LlmmemError

LLAMA = "meta-llama/Llama-3.1-8B"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    run([*arguments, "--json"])
    return json.loads(capsys.readouterr().out)


ANSWERS = [
    "calc {model}",
    "calc {model} --explain",
    "calc deepseek-ai/DeepSeek-V3 --explain --tp 8 --gpu h100",
    "calc {model} --engine vllm --gpu h100 --batch 900 --context 128k",
    "calc {model} --engine sglang --gpu h100",
    "calc {model} --engine llama.cpp",
    "calc ai21labs/Jamba-v0.1",
    "calc openai-community/gpt2 --context 4096",
    "calc google/vit-base-patch16-224-in21k",
    "compare {model} google/gemma-3-4b-it",
    "compare {model} --gpu l4 --gpu h100",
    "compare {model} --fail-over 1GiB",
    "max-batch {model} --gpu h100",
    "max-batch {model} --gpu-memory 80GiB --contexts 1k,8k",
    *(f"max-batch {{model}} --gpu h100 --for {what}" for what in ("batch", "concurrency", "gpus", "precision")),
    "attention {model} --contexts 1k,8k",
    "attention google/gemma-3-4b-it",
    "attention RWKV/rwkv-4-169m-pile",
    "gpus",
    "gpus --gpu p5.48xlarge",
]


@pytest.mark.parametrize("line", ANSWERS)
def test_answers_are_as_described(capsys: pytest.CaptureFixture[str], line: str) -> None:
    found = answer(capsys, *line.format(model=LLAMA).split())
    assert found["command"] == line.split()[0]
    assert "data" in found, found["error"]
    check(found)


def test_the_check_finds_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    good = answer(capsys, "calc", LLAMA)
    for change in (
        lambda d: d["memory"].pop("total"),
        lambda d: d["memory"].update(total=1.5),
        lambda d: d["memory"].update(total=True),
        lambda d: d["lines"][0].update(bytes=-1),
        lambda d: d["lines"][0].update(basis="guessed"),
        lambda d: d["lines"][0].update(why=""),
        lambda d: d.update(surprise=1),
        lambda d: d["fit"].append(3),
    ):
        bad = json.loads(json.dumps(good))
        change(bad["data"])
        with pytest.raises(AssertionError):
            check(bad)


def test_every_command_and_every_kind_of_error_is_in_the_schema() -> None:
    parts = {part["$ref"].removeprefix("#/$defs/") for part in schema()["oneOf"]}
    assert parts == {*COMMANDS, "error"}
    kinds = {LlmmemError.kind, *(error.kind for error in LlmmemError.__subclasses__()), "interrupted"}
    assert set(schema()["$defs"]["error"]["properties"]["error"]["properties"]["kind"]["enum"]) == kinds
    used = json.dumps(schema())
    for name in schema()["$defs"]:
        assert f'"#/$defs/{name}"' in used


#: command -> arguments that end in 0, 1, 2 and, where there is something to check, 3
STATUSES: dict[str, dict[int, list[list[str]]]] = {
    "calc": {
        0: [[LLAMA], [LLAMA, "--gpu", "h100", "--check"], [LLAMA, "--fail-over", "1TiB"]],
        1: [["no/such"], [LLAMA, "--tp", "3"], ["./none"]],
        2: [[], [LLAMA, "--batch", "0"], [LLAMA, "--check"], [LLAMA, "--fail-over", "lots"], [LLAMA, "--gpu", "h1000"]],
        3: [[LLAMA, "--gpu", "t4", "--check"], [LLAMA, "--fail-over", "1GiB"]],
    },
    "compare": {
        0: [[LLAMA, LLAMA], [LLAMA, "--gpu", "h100", "--check"]],
        1: [[LLAMA, "no/such"], [LLAMA, "--tp", "3"]],
        2: [[], [LLAMA, "--check"], [LLAMA, "--sort", "beauty"], ["--file", "none.yaml"]],
        3: [[LLAMA, "--gpu", "h100", "--gpu", "t4", "--check"], [LLAMA, "--fail-over", "1GiB"]],
    },
    "max-batch": {
        0: [[LLAMA, "--gpu", "h100"], [LLAMA, "--gpu", "h100", "--check"]],
        1: [["no/such", "--gpu", "h100"]],
        2: [[], [LLAMA, "--for", "fun"], [LLAMA, "--gpu-memory", "lots"]],
        3: [[LLAMA, "--gpu", "t4", "--check"], [LLAMA, "--gpu", "h100", "--batch", "100000", "--check"]],
    },
    "attention": {
        0: [[LLAMA]],
        1: [["no/such"]],
        2: [[], [LLAMA, "--contexts", "many"], [LLAMA, "--nonsense"]],
    },
    "gpus": {
        0: [[], ["--gpu", "h100"]],
        2: [["--gpu", "h1000"], ["--vendor", "acme"], ["--nonsense"]],
    },
}
CASES = [(c, s, a) for c, statuses in STATUSES.items() for s, lines in statuses.items() for a in lines]


@pytest.mark.parametrize(("command", "status", "arguments"), CASES, ids=[f"{c} {s} {' '.join(a)}" for c, s, a in CASES])
def test_exit_statuses(
    capsys: pytest.CaptureFixture[str], command: str, status: int, arguments: list[str], tmp_path: Path
) -> None:
    assert run([command, *arguments]) == status
    out, err = capsys.readouterr()
    assert (out == "") is (status in (1, 2))
    assert err.startswith("llmmem: ") is (status in (1, 2))
    assert run([command, *arguments, "--json"]) == status
    assert ("error" in json.loads(capsys.readouterr().out)) is (status in (1, 2))


def test_statuses_are_documented() -> None:
    readme = " ".join((Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8").split())
    for words in ("Exit status: 0 answered; 1 cannot be answered", "; 2 usage", "; 3 `--check` or `--fail-over`"):
        assert words in readme


def test_a_broken_config_on_standard_input(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("{"))
    assert answer(capsys, "calc", "-")["error"]["kind"] == "config"
