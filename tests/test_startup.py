"""Start-up by construction: what a command imports and how many steps it takes; never the clock."""

from __future__ import annotations

import subprocess
import sys

import pytest

from llmmem import read_model
from llmmem.fit.search import largest
from llmmem.tensors import Tensor

HEAVY = {"rich", "yaml", "huggingface_hub", "pydantic", "httpx", "requests", "numpy", "torch", "importlib.metadata"}


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import sys, io; from llmmem.cli import run; out = sys.stdout; sys.stdout = io.StringIO();"
        f"status = run({list(arguments)!r}); sys.stdout = out; assert status == 0, status; print(*sorted(sys.modules))"
    )
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("calc", "--help"),
        ("calc", "meta-llama/Llama-2-7b-hf", "--json"),
        ("calc", "meta-llama/Llama-2-7b-hf"),
        ("compare", "meta-llama/Llama-2-7b-hf", "google/gemma-3-4b-it", "--json"),
        ("max-batch", "meta-llama/Llama-2-7b-hf", "--gpu", "h100"),
        ("attention", "google/gemma-3-4b-it"),
        ("gpus",),
    ],
)
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    assert not modules_after(*arguments) & HEAVY


def test_one_architecture_module_is_imported() -> None:
    modules = modules_after("calc", "meta-llama/Llama-2-7b-hf", "--json")
    families = {
        m for m in modules if m.startswith("llmmem.architectures.") and m.count(".") == 3 and not m.endswith("decoder")
    }
    assert families == {"llmmem.architectures.text.llama"}
    assert "llmmem.sources.hub" not in modules
    assert "llmmem.cli.compare" not in modules


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, llmmem; print(*[m for m in sys.modules if m.startswith('llmmem.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_specs_stay_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """DeepSeek-V3 has 45,395 tensors with names of their own; building and totalling it makes fewer than 200."""
    made = 0
    new = Tensor.__new__

    def counting(cls: type[Tensor], *args: object, **kwargs: object) -> Tensor:
        nonlocal made
        made += 1
        return new(cls, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(Tensor, "__new__", counting)
    spec = read_model({"model_type": "deepseek_v3"})
    assert spec.parameters == 671_026_404_352
    assert made < 200
    monkeypatch.undo()
    assert sum(1 for _ in spec.tensors()) == 45_395


@pytest.mark.parametrize(("slope", "start"), [(1, 0), (1000, 10**9), (7, 3)])
def test_the_inverse_of_a_line_takes_few_steps(slope: int, start: int) -> None:
    calls = []

    def size(n: int) -> int:
        calls.append(n)
        return start + slope * n

    limit = start + slope * 12_345 + slope // 2
    assert largest(size, limit, 1 << 30) == 12_345
    assert len(calls) <= 8


def test_the_inverse_of_a_curve_is_exact() -> None:
    for limit in (0, 1, 2, 99, 10_000, 123_456_789):
        found = largest(lambda n: n * n + max(0, n - 5000) ** 2, limit, 1 << 20)
        assert found == max((n for n in range(1, 12_000) if n * n + max(0, n - 5000) ** 2 <= limit), default=0)
