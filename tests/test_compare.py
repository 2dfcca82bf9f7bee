"""``compare``: deployments from a file, their order, verdicts for CI, and what grew since a saved report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from safetensors_writer import write as write_weights

from llmmem.cli import run
from llmmem.memory.growth import changes
from llmmem.paths import configs_dir

LLAMA = "meta-llama/Llama-3.1-8B"
SAMPLE = configs_dir() / "capacity.yaml"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def ask(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = run(["compare", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def models(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> list[dict[str, Any]]:
    status, out, err = ask(capsys, *arguments, "--json")
    assert status == 0, out + err
    found: list[dict[str, Any]] = json.loads(out)["data"]["models"]
    return found


def write(folder: Path, text: str) -> Path:
    path = folder / "deployments.yaml"
    path.write_text(text, encoding="utf-8")
    return path


# Deployments from a file


def test_keys_are_the_options_of_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"""
- model: {LLAMA}
  engine: vllm
  gpu: h100
  tp: 2
  context: 8k
  batch: 4
  kv_precision: fp8
  max-num-seqs: 64
  enforce-eager: true
  kv_cache_memory_bytes: 20GiB
- {{model: google/gemma-3-4b-it, precision: int8, overhead: 1.5, as: gemma3}}
""",
    )
    first, second = models(capsys, "--file", file)
    typed = (LLAMA, "--engine", "vllm", "--gpu", "h100", "--tp", "2", "--context", "8k", "--batch", "4")
    typed += ("--kv-precision", "fp8", "--max-num-seqs", "64", "--enforce-eager", "--kv-cache-memory-bytes", "20GiB")
    (same,) = models(capsys, *typed)
    assert {k: v for k, v in first.items() if k != "name"} == {k: v for k, v in same.items() if k != "name"}
    assert second["deployment"]["precision"] == "int8"
    assert [line["label"] for line in second["lines"] if line["group"] == "overhead"] == ["overhead"]


def test_the_command_line_fills_in(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path, f"- {{model: {LLAMA}}}\n- {{model: {LLAMA}, batch: 2, gpu: l4}}")
    first, second = models(capsys, "--file", file, "--batch", "8", "--gpu", "h100")
    assert [m["deployment"]["batch"] for m in (first, second)] == [8, 2]
    assert [m["fit"][0]["gpu"] for m in (first, second)] == ["h100-sxm-80gb", "l4"]


def test_entries_without_a_model_are_for_every_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path, "- {tp: 2}\n- {tp: 4, name: wide}")
    found = models(capsys, LLAMA, "google/gemma-3-4b-it", "--file", file)
    assert [(m["model"]["id"], m["deployment"]["tp"], m["name"]) for m in found] == [
        (LLAMA, 2, f"{LLAMA}"),
        ("google/gemma-3-4b-it", 2, "google/gemma-3-4b-it"),
        (LLAMA, 4, f"{LLAMA}, wide"),
        ("google/gemma-3-4b-it", 4, "google/gemma-3-4b-it, wide"),
    ]


def test_names_say_what_sets_deployments_apart(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path, "- {engine: vllm, max_num_seqs: 64}\n- {engine: vllm, context: 4k}")
    names = [m["name"] for m in models(capsys, LLAMA, "--file", file)]
    assert names == [f"{LLAMA}, context 2,048, max-num-seqs 64", f"{LLAMA}, context 4,096"]
    assert [m["name"] for m in models(capsys, LLAMA, LLAMA)] == [LLAMA, f"{LLAMA} (2)"]


def test_what_differs_is_a_column_and_what_does_not_the_heading(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = write(tmp_path, f"- {{model: {LLAMA}, tp: 1}}\n- {{model: {LLAMA}, tp: 2}}")
    _, out, _ = ask(capsys, "--file", file, "--batch", "3")
    lines = out.splitlines()
    assert lines[0] == "transformers, batch 3, context 2,048"
    assert " tp " in lines[2]
    assert " batch " not in lines[2]
    assert "vs first" in lines[2]


def test_a_length_for_the_encoder_is_for_models_that_have_one(capsys: pytest.CaptureFixture[str]) -> None:
    plain = models(capsys, LLAMA, "google-t5/t5-small")
    longer = models(capsys, LLAMA, "google-t5/t5-small", "--encoder-length", "4096")
    assert longer[0]["memory"] == plain[0]["memory"]
    assert longer[1]["memory"]["kv_cache"] > plain[1]["memory"]["kv_cache"]


BROKEN: list[tuple[str, int, str]] = [
    ("- {model: a/b, gpu-count: 2}", 2, "entry 1: 'gpu-count' is no option of compare"),
    ("- {model: a/b, contxt: 2}", 2, "Did you mean context?"),
    ("- {tp: 1, model: a/b}\n- {model: a/b, tp: two}", 2, "entry 2: tp is 'two'"),
    ("- {model: a/b, tp: 1.5}", 2, "entry 1: tp is '1.5'"),
    ("- {model: a/b, tp: true}", 2, "entry 1: tp is 'True'"),
    ("- {model: a/b, tp: [1, 2]}", 2, "entry 1: tp is '[1, 2]'"),
    ("- {model: a/b, tp: null}", 2, "entry 1: tp is 'None'"),
    ("- {model: a/b, tp: 1, tp: 2}", 1, "entry 1 has 'tp' twice"),
    ("- {model: a/b, kv-precision: fp8, kv_precision: fp8}", 2, "entry 1 has 'kv-precision' twice"),
    ("- {model: a/b, token: hf_secret}", 2, "'token' is no option"),
    ("- {model: a/b, offline: true}", 2, "Give --offline to the command"),
    ("- {model: a/b, enforce-eager: maybe}", 2, "either true or false"),
    ("- {model: a/b, budget: lots}", 2, "entry 1: 'lots' is not a memory size"),
    ("- {model: a/b, kv-cache-memory-bytes: much}", 2, "entry 1: 'much' is not a memory size"),
    ("- {model: a/b, name: [x]}", 2, "entry 1: name is"),
    ("- {model: a/b, name: x}\n- {model: a/c, name: x}", 2, "entry 2 has the name of entry 1"),
    ("- {model: a/b}\n- {model: a/b}", 2, "entry 2 is the same as entry 1"),
    (f"- {{model: {LLAMA}}}\n- {{model: {LLAMA}, precision: int9}}", 2, "entry 2: "),
    (f"- {{model: {LLAMA}}}\n- {{model: {LLAMA}, tp: 3}}", 1, "entry 2: "),
    (f"- {{model: {LLAMA}, max-num-seqs: 3}}", 2, "entry 1: transformers has no option 'max_num_seqs'"),
    (f"- {{model: {LLAMA}, gpu: h1000}}", 2, "entry 1: llmmem knows no GPU"),
    ("- {model: no/such}", 1, "entry 1: "),
    ("- {tp: 2}", 2, "entry 1 has no model"),
    ("- just words", 2, "entry 1 is not an object"),
    ("model: a/b", 1, "is not a list"),
    ("", 1, "is not a list"),
    ("- [unclosed", 1, "not valid YAML"),
    ("a: &a [x]\n" + "b: [" + "*a, " * 20 + "]", 1, "aliases"),
]


@pytest.mark.parametrize(("text", "status", "words"), BROKEN, ids=[text[:40] for text, _, _ in BROKEN])
def test_a_broken_file_is_one_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, status: int, words: str
) -> None:
    got, out, err = ask(capsys, "--file", write(tmp_path, text))
    assert (got, out) == (status, ""), err
    assert words in err
    assert len(err.splitlines()) <= 2


def test_files_that_are_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for option in ("--file", "--baseline"):
        status, out, err = ask(capsys, LLAMA, option, tmp_path / "none")
        assert (status, out) == (2, "")
        assert option in err
    assert ask(capsys)[0] == 2


# Order


def test_sort(capsys: pytest.CaptureFixture[str]) -> None:
    ids = ("openai-community/gpt2", LLAMA, "google/gemma-3-4b-it")
    sizes = [m["model"]["parameters"] for m in models(capsys, *ids, "--sort", "parameters")]
    assert sizes == sorted(sizes)
    totals = [m["memory"]["total"] for m in models(capsys, *ids, "--sort", "-total")]
    assert totals == sorted(totals, reverse=True)
    names = [m["name"] for m in models(capsys, *ids, "--sort", "model")]
    assert names == sorted(names)
    for column in ("KV cache", "kv_cache", "kv-cache"):
        caches = [m["memory"]["kv_cache"] for m in models(capsys, *ids, "--sort", column)]
        assert caches == sorted(caches)
    status, _, err = ask(capsys, *ids, "--sort", "beauty")
    assert status == 2
    assert "'beauty'" in err and "total" in err


# Verdicts


def test_the_sample_holds(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = ask(capsys, "--file", SAMPLE, "--check")
    assert (status, err) == (0, "")
    assert "FAILS" not in out
    assert out.count("holds") == 4


def test_the_sample_with_one_number_changed_fails(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    file = write(tmp_path, text.replace("batch: 16", "batch: 160"))
    status, out, err = ask(capsys, "--file", file, "--check")
    assert (status, err) == (3, "")
    assert "1 of 4 do not hold:" in out
    reason = " ".join(out.split("do not hold:")[1].split())
    assert "- chat: needs up to " in reason
    assert "runs out at the KV cache" in reason
    (chat, *others) = json.loads(ask(capsys, "--file", file, "--check", "--json")[1])["data"]["models"]
    most = chat["fit"][0]["max_batch"]
    assert f"{most} requests at once would fit" in reason
    assert chat["check"]["passed"] is False
    assert all(other["check"] == {**other["check"], "passed": True, "reasons": []} for other in others)
    held = write(tmp_path, text.replace("batch: 16", f"batch: {most}"))
    assert ask(capsys, "--file", held, "--check")[0] == 0
    assert ask(capsys, "--file", write(tmp_path, text.replace("batch: 16", f"batch: {most + 1}")), "--check")[0] == 3


def test_budget_and_fail_over_end_at_the_byte(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (one,) = models(capsys, LLAMA)
    high = one["peak"]["high"]
    for budget, status in ((high, 0), (high - 1, 3)):
        assert ask(capsys, LLAMA, "--fail-over", f"{budget}B")[0] == status
        file = write(tmp_path, f"- {{model: {LLAMA}, budget: {budget}B}}")
        assert ask(capsys, "--file", file, "--check")[0] == status
        assert ask(capsys, "--file", file)[0] == 0
        assert run(["calc", LLAMA, "--fail-over", f"{budget}B"]) == status
        assert ("above the" in capsys.readouterr().err) is (status == 3)


def test_what_nobody_knows_does_not_hold(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_weights(tmp_path / "model.safetensors", {"a.weight": ((4, 4), "fp16")})
    (tmp_path / "config.json").write_text('{"model_type": "nobody_knows", "architectures": ["X"]}')
    status, out, _ = ask(capsys, tmp_path, "--fail-over", "1TiB", "--gpu", "h100", "--check", "--json")
    assert status == 3
    (one,) = json.loads(out)["data"]["models"]
    assert one["check"]["passed"] is False
    assert "nobody can say" in " ".join(one["check"]["reasons"])
    assert run(["calc", str(tmp_path), "--fail-over", "1TiB"]) == 3


def test_check_needs_something_to_check_against(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(tmp_path, f"- {{model: {LLAMA}, gpu: h100}}\n- {{model: {LLAMA}}}")
    status, out, err = ask(capsys, "--file", file, "--check")
    assert (status, out) == (2, "")
    assert "entry 2: --check" in err
    assert ask(capsys, LLAMA, "--junit", tmp_path / "x.xml")[0] == 2


def test_junit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = write(
        tmp_path,
        f"- {{model: {LLAMA}, name: 'a <\"b\"> & \\u0007', gpu: h100}}\n- {{model: {LLAMA}, name: big, budget: 1GiB}}",
    )
    status, _, err = ask(capsys, "--file", file, "--check", "--junit", tmp_path / "out.xml")
    assert (status, err) == (3, "")
    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "2", "1")
    good, bad = root.iter("testcase")
    assert (good.get("name") or "").startswith('a <"b"> & ')
    assert list(good) == []
    (failure,) = bad
    assert "above the 1.00 GiB allowed" in (failure.get("message") or "")
    assert "weights: 16,060,522,496 bytes" in (failure.text or "")
    status, _, err = ask(capsys, "--file", file, "--check", "--junit", tmp_path / "no" / "out.xml")
    assert status == 2
    assert "cannot be written" in err


def test_one_that_cannot_be_answered_leaves_the_others_their_verdict(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lost = f"- {{model: {tmp_path / 'none'}, name: lost, gpu: h100}}\n"
    file = write(tmp_path, f"{lost}- {{model: {LLAMA}, gpu: h100}}\n- {{model: {LLAMA}, name: big, budget: 1GiB}}\n")
    status, out, _ = ask(capsys, "--file", file, "--check", "--junit", tmp_path / "out.xml")
    assert status == 1
    assert "1 cannot be answered:" in out
    assert "1 of 2 do not hold:" in out
    root = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert [root.get(count) for count in ("tests", "failures", "errors")] == ["3", "1", "1"]
    of = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert (of["lost"], of["big"]) == (["error"], ["failure"])
    assert sum(tags == [] for tags in of.values()) == 1
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    status, out, err = ask(capsys, "--file", file, "--check", "--json")
    data = json.loads(out)["data"]
    assert (status, len(data["models"]), [one["name"] for one in data["unanswered"]]) == (1, 2, ["lost"])
    assert f"::error file={file},line=1,title=lost::" in err
    # without a check, and where nothing can be answered, the failure is the answer
    assert ask(capsys, "--file", file)[:2] == (1, "")
    status, out, _ = ask(capsys, "--file", write(tmp_path, lost), "--check", "--junit", tmp_path / "out.xml")
    assert (status, out) == (1, "")
    assert ElementTree.parse(tmp_path / "out.xml").getroot().get("errors") == "1"


def test_actions(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    file = write(tmp_path, f"\n- model: {LLAMA}\n  gpu: h100\n- {{model: {LLAMA}, name: 'x, 50%', budget: 1GiB}}\n")
    status, out, err = ask(capsys, "--file", file, "--check", "--json")
    assert status == 3
    assert json.loads(out)["command"] == "compare"
    (line,) = err.splitlines()
    assert line.startswith(f"::error file={file},line=4,title=x%2C 50%25::needs up to ")
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "| FAILS |" in text
    ask(capsys, "--file", file, "--check")
    assert summary.read_text(encoding="utf-8").count("| FAILS |") == 2
    own = tmp_path / "own.md"
    ask(capsys, "--file", file, "--check", "--summary", own)
    assert "- x, 50%: needs up to" in own.read_text(encoding="utf-8")
    assert summary.read_text(encoding="utf-8").count("| FAILS |") == 2


# What grew


def test_changes_are_per_line_in_bytes_and_percent() -> None:
    before = {("weights", "language", "weights"): 100, ("state", "language", "state"): 7}
    now = {("weights", "language", "weights"): 150, ("kv_cache", "language", "KV cache"): 10}
    found = changes("x", before, now)
    assert [(c.group, c.before, c.now, c.change, c.percent) for c in found] == [
        ("weights", 100, 150, 50, 50.0),
        ("kv_cache", 0, 10, 10, None),
        ("state", 7, 0, -7, -100.0),
        ("total", 107, 160, 53, 100 * 53 / 107),
    ]
    assert changes("x", before, before) == []


@pytest.mark.parametrize("command", ["calc", "compare"])
def test_baseline(capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str) -> None:
    saved = tmp_path / "saved.json"
    assert run([command, LLAMA, "--json"]) == 0
    saved.write_text(capsys.readouterr().out)
    _, out, _ = ask(capsys, LLAMA, "--context", "4k", "--baseline", saved, "--json")
    growth = json.loads(out)["data"]["baseline"]
    cache = next(c for c in growth["changes"] if c["group"] == "kv_cache")
    assert (cache["before"], cache["now"], cache["percent"]) == (1 << 28, 1 << 29, 100.0)
    assert growth["changes"][-1]["group"] == "total"
    assert "weights" not in {c["group"] for c in growth["changes"]}
    assert "Nothing changed since" in ask(capsys, LLAMA, "--baseline", saved)[1]
    _, out, _ = ask(capsys, "openai-community/gpt2", "google/gemma-3-4b-it", "--baseline", saved)
    assert "gpt2: not in" in out
    assert f"{LLAMA}: only in" in out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[1",
        "null",
        '{"llmmem": 1}',
        '{"llmmem": 1, "command": "gpus", "data": {}}',
        '{"llmmem": 1, "command": "calc", "data": {"model": {"id": "x"}, "lines": [{"bytes": "many"}]}}',
        '{"llmmem": 1, "command": "compare", "data": {"models": [3]}}',
        '{"llmmem": 1, "command": "calc", "error": {}}',
        "[" * 100_000,
    ],
)
def test_a_broken_baseline_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(text)
    status, out, err = ask(capsys, LLAMA, "--baseline", saved)
    assert (status, out) == (1, "")
    assert "saved.json" in err
    assert len(err.splitlines()) == 2
