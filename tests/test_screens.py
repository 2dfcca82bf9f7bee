"""What people see is what was approved."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from unittest import mock

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from screens import COMMANDS, FOLDER, KINDS, Terminal, screen

from llmmem.cli import run


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_screen_is_as_approved(command: str, kind: str) -> None:
    """After a change that was meant: ``python tests/screens.py`` writes the new ones."""
    assert screen(command, kind) == (FOLDER / f"{command}.{kind}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_lines_fit_the_screen(command: str) -> None:
    for kind in ("80", "140", "ascii"):
        columns = KINDS[kind][0]
        shown = (FOLDER / f"{command}.{kind}.txt").read_text(encoding="utf-8")
        tables = [line for line in shown.splitlines() if not line.lstrip().startswith(("-", "note"))]
        assert all(len(line) <= (columns or 0) for line in tables), max(tables, key=len)
    assert (FOLDER / f"{command}.ascii.txt").read_text(encoding="utf-8").isascii()


@pytest.mark.parametrize("columns", [30, 40, 60])
def test_narrow_screens_keep_names_and_numbers_whole(columns: int) -> None:
    out = Terminal("utf-8", True)
    with mock.patch.dict(os.environ, {"COLUMNS": str(columns)}), mock.patch.object(sys, "stdout", out):
        run(["max-batch", "mistralai/Mistral-7B-v0.1", "--gpu", "l4", "--gpu", "h100"])
        run(["calc", "mistralai/Mistral-7B-v0.1", "--gpu", "l4", "--context", "8k"])
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.text()).splitlines()
    assert max(map(len, lines)) <= columns
    for word in ("l4", "h100-sxm-80gb", "22.16", "79.18", "13.49", "32,768"):
        assert any(word in line for line in lines), word


def test_colour_is_only_on_terminals_that_want_it() -> None:
    for settings, colour in (({"TERM": "xterm-256color"}, True), ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False)):
        out = Terminal("utf-8", True)
        with mock.patch.dict(os.environ, {**settings, "COLUMNS": "80"}), mock.patch.object(sys, "stdout", out):
            os.environ.pop("NO_COLOR", None) if colour else None
            run(["calc", "mistralai/Mistral-7B-v0.1", "--gpu", "l4"])
        assert ("\x1b[36m" in out.text()) is colour
