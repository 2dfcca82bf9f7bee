"""Bars, curves and grids: in characters, and as SVG."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from llmmem.cli import run
from llmmem.render import Chart
from llmmem.render.chart import bar, can_draw, drawn

MODEL = "mistralai/Mistral-7B-v0.1"
SVG = "{http://www.w3.org/2000/svg}"


def test_a_bar_is_as_long_as_its_share() -> None:
    assert bar(100, 100, 10) == "█" * 10
    assert bar(50, 100, 10) == "█" * 5
    assert bar(51, 100, 10) == "█" * 5 + "▏"
    assert bar(1, 10**9, 10) == "▏"  # a sliver, for it is not nothing
    assert bar(0, 100, 10) == bar(5, 0, 10) == ""
    assert bar(50, 100, 10, plain=True) == "#####"


def test_terminals_that_cannot_draw() -> None:
    assert can_draw("utf-8") and not can_draw("ascii") and not can_draw("latin-1")
    chart = Chart("heat", "t", ("a", "b"), (("x", (1.0, 9.0)), ("y", (5.0, 3.0))), unit="")
    assert "\n".join(drawn(chart, 80, plain=True)).isascii()
    lines = Chart("lines", "t", ("1,024", "2,048", "4,096"), (("x", (1.0, 2.0, 2.0)),), unit="", knee=(1, "full"))
    assert "\n".join(drawn(lines, 80, plain=True)).isascii()


@pytest.mark.parametrize("width", [20, 40, 80, 140])
def test_curves_fit_the_width(width: int) -> None:
    labels = tuple(f"{2**k:,}" for k in range(10, 18))
    chart = Chart("lines", "t", labels, (("KV cache", tuple(float(k << 30) for k in range(8))),))
    graph = drawn(chart, width)[1:-1]
    assert all(len(line) <= max(width, 20) for line in graph)
    assert graph[0].rstrip().endswith("●") and sum("●" in line for line in graph) == 8


def texts(path: Path) -> list[str]:
    return [e.text or "" for e in ElementTree.fromstring(path.read_text()).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["calc", MODEL], "weights: language, weights"),
        (["compare", MODEL, "google/gemma-3-4b-it"], "google/gemma-3-4b-it"),
        (["attention", MODEL, "--contexts", "1k,16k"], "window full at 4,096"),
        (["max-batch", MODEL, "--gpu", "l4", "--contexts", "1k,4k"], "4,096"),
        (["max-batch", MODEL, "--gpu", "l4"], "l4"),
        (["gpus", "--vendor", "Apple"], "apple-m4-max-128gb"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_every_command_draws(arguments: list[str], shown: str, tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    assert (
        run(
            [*arguments, "--offline", "--output", str(file)]
            if arguments[0] != "gpus"
            else [*arguments, "--output", str(file)]
        )
        == 0
    )
    assert shown in texts(file)


def test_bars_are_as_long_as_the_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "picture.svg"
    run(["calc", MODEL, "--output", str(file)])
    run(["calc", MODEL, "--json"])
    lines = json.loads(capsys.readouterr().out)["data"]["lines"]
    rects = list(ElementTree.fromstring(file.read_text()).iter(f"{SVG}rect"))[1:]
    widths = [float(e.get("width", "0")) for e in rects]
    assert len(widths) == len(lines)
    share = {line["group"]: line["bytes"] / lines[0]["bytes"] for line in lines}
    assert widths[1] / widths[0] == pytest.approx(share["kv_cache"], abs=0.01)


@pytest.mark.parametrize(("suffix", "start"), [("json", "{"), ("csv", "group,"), ("md", MODEL), ("txt", MODEL)])
def test_output_goes_by_the_name_of_the_file(suffix: str, start: str, tmp_path: Path) -> None:
    file = tmp_path / f"answer.{suffix}"
    assert run(["calc", MODEL, "--output", str(file)]) == 0
    assert file.read_text().startswith(start)


def test_a_file_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calc", MODEL, "--output", str(tmp_path / "no" / "such" / "x.svg")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_quiet_is_one_number(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calc", MODEL, "--json"])
    total = json.loads(capsys.readouterr().out)["data"]["memory"]["total"]
    for unit, factor in (("GiB", 2**30), ("GB", 10**9), ("MiB", 2**20)):
        assert run(["calc", MODEL, "--quiet", "--unit", unit]) == 0
        assert capsys.readouterr().out == f"{total / factor:.2f}\n"
    run(["calc", MODEL, "-q", "--unit", "bytes"])
    assert int(capsys.readouterr().out) == total
    assert run(["calc", MODEL, "-q", "--unit", "stone"]) == 2


def test_the_answer_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    for gpu, said in (("l4", "fits on l4"), ("rtx-3060-12gb", "too much for rtx-3060-12gb")):
        run(["calc", MODEL, "--gpu", gpu])
        assert said in capsys.readouterr().out.splitlines()[1]
    run(["calc", MODEL])
    assert "of these" in capsys.readouterr().out.splitlines()[1]


def test_the_tree_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    run(["calc", MODEL, "--explain"])
    out = capsys.readouterr().out
    assert "model.layers.{}.mlp.gate_proj.weight: 14336 x 4096 bf16, 32 of them = 3,758,096,384 bytes" in out
    assert "KV cache: what attention keeps of every token" in out


def test_equivalents_of_other_attention(capsys: pytest.CaptureFixture[str]) -> None:
    """Llama-3.1-8B: 32 layers, 32 heads of 128, 8 for keys and values; bf16."""
    run(["attention", "meta-llama/Llama-3.1-8B", "--contexts", "1k,4k", "--json"])
    found = {row["attention"]: row["kv_cache"] for row in json.loads(capsys.readouterr().out)["data"]["equivalents"]}
    per_head = 32 * 4096 * 2 * 128 * 2
    assert found == {
        "MHA (32 heads)": 32 * per_head,
        "GQA (8 heads)": 8 * per_head,
        "MQA (1 head)": per_head,
        "MLA (512 + 64)": 32 * 4096 * 576 * 2,
    }


def test_a_cache_of_an_encoders_tokens_has_no_equivalents(capsys: pytest.CaptureFixture[str]) -> None:
    run(["attention", "google-t5/t5-small", "--contexts", "512", "--json"])
    assert json.loads(capsys.readouterr().out)["data"]["equivalents"] == []
