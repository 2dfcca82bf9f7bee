"""The README shows real commands with their real output, and its Python runs."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from readme import README, blocks, output_of

TEXT = README.read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "output"), blocks(), ids=[c[-40:] for c, _ in blocks()])
def test_output_is_real(command: str, output: str) -> None:
    """After a change of output: ``python tests/readme.py`` writes the new one."""
    assert output == output_of(command)


def test_there_are_eight_questions_a_server_and_two_lines() -> None:
    assert len(blocks()) == 11
    assert "$ python3 -m venv .venv && .venv/bin/pip install -q -e '.[test]' && .venv/bin/python -m pytest\n" in TEXT


@pytest.mark.parametrize("code", re.findall(r"```python\n(.*?)```", TEXT, re.S))
def test_python_runs(code: str) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), {})
    assert "671,026,404,352 parameters, 37,552,282,624 active" in out.getvalue()


def test_counts_are_true() -> None:
    from llmmem.gpus import catalogue

    models = len(list((README.parent / "configs" / "models").glob("*/*.yaml")))
    assert f"for the {models} models of its catalogue" in TEXT
    measured = sum(gpu.usable_basis == "measured" for gpu in catalogue())
    assert f"measured for {measured} of {len(catalogue())}" in TEXT
