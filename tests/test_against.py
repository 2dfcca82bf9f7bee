"""--against: lines of published start-up logs beside the prediction, settings that differ, logs that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmmem.cli import run
from llmmem.engines.log import READERS, read

LOGS = Path(__file__).parent / "fixtures" / "logs"
GIB, MIB = 1 << 30, 1 << 20


def figures(*lines: str, engine: str = "auto") -> dict[str, float]:
    reading = read(lines, engine)
    assert reading is not None
    return {m.what: m.value for m in reading.measured}


def beside(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    assert run(["calc", *arguments, "--offline", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    return {row["what"]: row for row in answer["data"]["against"]}, answer["notes"]


def test_vllm(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--context", "8192", "--gpu", "h100", "--gpu-memory-utilization", "0.95", "--against"]
    rows, notes = beside(capsys, "ibm-granite/granite-3.3-8b-instruct", *options, str(LOGS / "vllm.log"))
    assert rows["weights"]["measured"] == 15.25 * GIB
    assert rows["weights"]["verdict"] == "equal"  # with the rotary tables
    assert rows["tokens in the pool logged"]["verdict"] == "equal"
    for what in ("activations", "non-torch", "CUDA graphs"):
        assert rows[what]["verdict"] == "in the band", what
    # This version did not take the graphs off the pool.
    for what in ("KV pool", "tokens in the pool", "requests at once"):
        assert abs(rows[what]["difference"]) < 0.025
    assert not [note for note in notes if "the log's" in note]


def test_sglang(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--tp", "4", "--mem-fraction-static", "0.8", "--against"]
    rows, notes = beside(capsys, "Qwen/Qwen3-14B", *options, str(LOGS / "sglang.log"))
    assert rows["weights"]["verdict"] == "in the band"
    assert rows["weights"]["line"] == 2  # the other ranks' lines are passed over
    assert rows["tokens in the pool logged"]["verdict"] == "in the band"
    assert rows["tokens in the pool"]["verdict"] == "not predicted"  # no GPU is named
    assert "the log's context is 40,960, the plan's 2,048: give --context 40960" in notes


def test_llamacpp(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--precision", "q4_k_m", "--context", "4096", "--n-parallel", "1", "--n-outputs-max", "0", "--against"]
    rows, notes = beside(capsys, "meta-llama/Llama-3.1-8B", *options, str(LOGS / "llamacpp.log"))
    assert {what: rows[what]["verdict"] for what in ("weights", "KV cache", "activations")} == dict.fromkeys(
        ("weights", "KV cache", "activations"), "equal"
    )
    assert rows["output buffer"]["verdict"] == "not predicted"
    assert not [note for note in notes if "the log's" in note]


@pytest.mark.parametrize(
    ("engine", "line", "found"),
    [
        ("vllm", "Loading model weights took 67.7229 GB", {"weights": 67.7229 * GIB}),
        ("vllm", "(VllmWorker rank=0) Model loading took 14.2474 GiB and 558.8 seconds", {"weights": 14.2474 * GIB}),
        ("vllm", "# GPU blocks: 1381, # CPU blocks: 0", {"blocks": 1381}),
        ("vllm", "Graph capturing finished in 17 secs, took 2.02 GiB", {"graphs": 2.02 * GIB}),
        (
            "vllm",
            "model weights take 30.71GiB; non_torch_memory takes 0.30GiB; PyTorch activation peak memory takes"
            " 1.26GiB; the rest of the memory reserved for KV Cache is 7.71GiB",
            {"weights": 30.71 * GIB, "non_torch": 0.3 * GIB, "activations": 1.26 * GIB, "pool": 7.71 * GIB},
        ),
        (
            "sglang",
            "Mamba Cache is allocated. max_mamba_cache_size: 48, conv_state size: 0.09GB, ssm_state size: 6.46GB",
            {"state": 6.55 * GIB},
        ),
        ("llama.cpp", "llm_load_tensors:      CUDA0 buffer size =  7317.71 MiB", {"weights": 7317.71 * MIB}),
        ("llama.cpp", "llama_new_context: KV self size  =  180.00 MiB, K (f16): 90.00 MiB", {"kv_cache": 180 * MIB}),
        (
            "llama.cpp",
            "llama_memory_recurrent: size =   23.75 MiB (     1 cells,  64 layers,  1 seqs), R (f32): 3.75 MiB",
            {"state": 23.75 * MIB},
        ),
    ],
)
def test_lines_of_other_versions(engine: str, line: str, found: dict[str, float]) -> None:
    assert figures(line) == pytest.approx(found)
    reading = read([line])
    assert reading is not None
    assert reading.engine == engine


def test_pools_of_several_kinds_and_graphs_of_both_phases_are_summed() -> None:
    assert figures(
        "[TP0] KV Cache is allocated. #tokens: 300288, K size: 8.38 GB, V size: 5.59 GB",
        "[TP0] KV Cache is allocated. #tokens: 375360, K size: 1.21 GB, V size: 0.81 GB",
        "[TP3] KV Cache is allocated. #tokens: 375360, K size: 1.21 GB, V size: 0.81 GB",
        "[TP0] Capture decode CUDA graph end. bs=[1], elapsed=9.12 s, mem usage=0.52 GB, avail mem=2.82 GB.",
        "[TP0] Capture prefill CUDA graph end. elapsed=9.12 s, mem usage=0.25 GB, avail mem=2.57 GB.",
    ) == pytest.approx({"kv_cache": 15.99 * GIB, "tokens": 375_360, "graphs": 0.77 * GIB})


def test_buffers_of_the_fullest_gpu() -> None:
    assert figures(
        "load_tensors:   CPU_Mapped model buffer size =   281.81 MiB",
        "load_tensors:        CUDA0 model buffer size =  2000.00 MiB",
        "load_tensors:        CUDA1 model buffer size =  2100.00 MiB",
        "llama_kv_cache:      CUDA0 KV buffer size =    16.00 MiB",
        "llama_kv_cache:      CUDA0 KV buffer size =    22.00 MiB",
        "llama_context:      CUDA0 compute buffer size =   258.50 MiB",
        "llama_context:      CUDA0 compute buffer size =   260.50 MiB",
        "llama_context:  CUDA_Host compute buffer size =    20.01 MiB",
    ) == pytest.approx({"weights": 2100 * MIB, "kv_cache": 38 * MIB, "activations": 260.5 * MIB})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\0\1\2" * 99, "is no text"),
        (b"GET /v1/models 200\n" * 99, "is one that vllm, sglang, llama.cpp print"),
        (b"Available KV cache memory: " + b"9" * 999 + b" GiB", "is one that"),
        (b"KV Cache is allocated. K size: ,,. GB\n" + b"\xff" * 100_000, "is one that"),
    ],
)
def test_what_is_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, sentence: str) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(content)
    assert run(["calc", "meta-llama/Llama-3.1-8B", "--offline", "--against", str(log)]) == 2
    assert sentence in capsys.readouterr().err


def test_logs_that_cannot_be_compared(capsys: pytest.CaptureFixture[str]) -> None:
    log = str(LOGS / "vllm.log")
    assert run(["calc", "meta-llama/Llama-3.1-8B", "--offline", "--engine", "sglang", "--against", log]) == 2
    assert "is a log of vllm" in capsys.readouterr().err
    assert run(["calc", "meta-llama/Llama-3.1-8B", "--offline", "--against", log + ".gone"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert run(["calc", "-", "--against", "-"]) == 2


@pytest.mark.parametrize("engine", READERS)
def test_long_lines_take_no_time(engine: str) -> None:
    for line in (
        "size = " * 300,
        "GB" + "9" * 2000,
        "mem usage=" * 200,
        "Load weight end. GB " * 99,
        "K size: 1,1" * 150,
    ):
        read([line] * 100, engine)
