"""Whole-process times beside ``python -c "import typer"``, in turn, medians; and building a large spec.

Run by hand: ``python tests/benchmark.py [RUNS]``. It asserts nothing: clocks do not belong into tests.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

from llmmem import read_model
from llmmem.architectures import build
from llmmem.config import Config

COMMANDS = {
    "--help": ["--help"],
    "calc --json": ["calc", "meta-llama/Llama-2-7b-hf", "--json"],
    "calc": ["calc", "meta-llama/Llama-2-7b-hf"],
    "calc DeepSeek-V3 --json": ["calc", "deepseek-ai/DeepSeek-V3", "--json"],
}


def wall(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - start


def main(runs: int) -> None:
    program = shutil.which("llmmem", path=str(Path(sys.executable).parent))
    own = [program] if program else [sys.executable, "-m", "llmmem"]
    for name, arguments in COMMANDS.items():
        pairs = [(wall([*own, *arguments]), wall([sys.executable, "-c", "import typer"])) for _ in range(runs)]
        ours, typer = (statistics.median(times) for times in zip(*pairs, strict=True))
        print(f"{name:26} {ours * 1e3:6.0f} ms   import typer {typer * 1e3:6.0f} ms   ratio {ours / typer:.2f}")
    config = {"model_type": "deepseek_v3"}
    times = []
    for _ in range(200):
        start = time.perf_counter()
        parameters = build(Config(config)).parameters
        times.append(time.perf_counter() - start)
    tensors = sum(1 for _ in read_model(config).tensors())
    print(f"DeepSeek-V3, {tensors:,} tensors, {parameters:,} parameters: {statistics.median(times) * 1e3:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
