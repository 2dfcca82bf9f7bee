"""--emit: the command that serves a plan, with flags that vLLM 0.33, SGLang 0.5.23 and llama-server accept."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from llmmem.api import calculate_memory
from llmmem.cli import run

LLAMA = "meta-llama/Llama-3.1-8B"


def emitted(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[list[str], str]:
    assert run(["calc", *arguments, "--offline"]) == 0
    out, err = capsys.readouterr()
    return out.splitlines(), err


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (
            "--emit vllm --gpu h100 --context 32k --tp 2 --kv-precision fp8",
            "vllm serve meta-llama/Llama-3.1-8B --tensor-parallel-size 2 --max-model-len 32768"
            " --gpu-memory-utilization 0.92 --max-num-seqs 1024 --max-num-batched-tokens 8192 --kv-cache-dtype fp8",
        ),
        (
            "--emit vllm --precision fp8 --kv-cache-memory-bytes 8GiB --no-enable-prefix-caching --enforce-eager",
            "vllm serve meta-llama/Llama-3.1-8B --quantization fp8 --max-model-len 2048"
            " --kv-cache-memory-bytes 8589934592 --no-enable-prefix-caching --enforce-eager",
        ),
        (
            "--emit sglang --kv-precision fp8 --page-size 16 --disable-radix-cache --max-running-requests 8",
            "python -m sglang.launch_server --model-path meta-llama/Llama-3.1-8B --context-length 2048"
            " --kv-cache-dtype fp8_e4m3 --page-size 16 --max-running-requests 8 --disable-radix-cache",
        ),
        (
            "--emit llama.cpp --gpu h100 --context 32k --batch 2 --n-parallel 2 --precision q4_k_m --type-k q8_0",
            "llama-server -m Llama-3.1-8B-Q4_K_M.gguf -c 65536 -np 2 -ngl 999 -ctk q8_0 -ctv f16 -fa auto"
            " -b 2048 -ub 512",
        ),
        (
            "--emit llama.cpp --n-gpu-layers 20",
            "llama-server -m Llama-3.1-8B-BF16.gguf -c 2048 -np 4 --kv-unified -ngl 20 -ctk f16 -ctv f16 -fa auto"
            " -b 2048 -ub 512",
        ),
    ],
)
def test_command(capsys: pytest.CaptureFixture[str], arguments: str, command: str) -> None:
    assert emitted(capsys, LLAMA, *arguments.split())[0] == [command]


def test_several_nodes(capsys: pytest.CaptureFixture[str]) -> None:
    layout = ["deepseek-ai/DeepSeek-V3", "--gpu", "h200", "--tp", "8", "--pp", "2"]
    lines, err = emitted(capsys, *layout, "--emit", "sglang")
    assert [line.partition("--nnodes ")[2] for line in lines] == ["2 --node-rank 0", "2 --node-rank 1"]
    assert "HEAD_ADDRESS is the address of the first" in err
    lines, err = emitted(capsys, *layout, "--emit", "vllm")
    assert "--distributed-executor-backend ray" in lines[0]
    assert "start a Ray cluster" in err


def test_it_is_one_shell_word_each_and_in_json_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my model; rm"
    folder.mkdir()
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(config))
    lines, _ = emitted(capsys, str(folder), "--emit", "vllm")
    assert shlex.split(lines[0])[:3] == ["vllm", "serve", str(folder)]
    out, _ = emitted(capsys, str(folder), "--emit", "vllm", "--json")
    assert json.loads("\n".join(out))["data"]["command"] == lines[0]


def test_from_python() -> None:
    command = calculate_memory(LLAMA, engine="vllm", max_num_seqs=32).command()
    assert command.lines[0][-2:] == ("--max-num-seqs", "32")


def test_what_does_not_fit_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = emitted(capsys, "meta-llama/Llama-2-70b-hf", "--emit", "vllm", "--gpu", "l4")
    assert "does not fit l4" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--emit transformers", "--emit 'transformers' is unknown."),
        ("--emit vllm --engine sglang", "--emit vllm is for another engine"),
        ("--emit vllm --precision gptq", "vLLM makes no gptq weights while it loads."),
    ],
)
def test_refused(capsys: pytest.CaptureFixture[str], arguments: str, sentence: str) -> None:
    assert run(["calc", LLAMA, *arguments.split(), "--offline"]) == 2
    assert sentence in capsys.readouterr().err
