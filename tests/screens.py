"""Screens of every command, as approved: ``python tests/screens.py`` writes them anew; look at the difference."""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from llmmem.cli import run

FOLDER = Path(__file__).parent / "fixtures" / "screens"
COMMANDS = {
    "calc": ["calc", "mistralai/Mistral-7B-v0.1", "--gpu", "l4", "--gpu", "t4", "--context", "8k"],
    "calc-explain": ["calc", "openai-community/gpt2", "--explain", "--gpu", "l4"],
    "calc-vllm": ["calc", "meta-llama/Llama-3.1-8B", "--engine", "vllm", "--gpu", "h100", "--tp", "2"],
    "compare": ["compare", "mistralai/Mistral-7B-v0.1", "google/gemma-3-4b-it", "--gpu", "l4"],
    "compare-check": ["compare", "--file", "configs/capacity.yaml", "--check"],
    "attention": ["attention", "mistralai/Mistral-7B-v0.1", "--contexts", "1k,4k,16k"],
    "max-batch": ["max-batch", "mistralai/Mistral-7B-v0.1", "--gpu", "l4", "--gpu", "h100", "--contexts", "2k,8k"],
    "gpus": ["gpus", "--vendor", "Apple"],
}
#: kind of screen -> columns and encoding of the terminal (None: a pipe), and options
KINDS = {
    "80": (80, "utf-8", []),
    "140": (140, "utf-8", []),
    "ascii": (80, "ascii", []),
    "pipe": (None, "utf-8", []),
    "json": (None, "utf-8", ["--json"]),
}


class Terminal(io.TextIOWrapper):
    """A terminal as a program sees it."""

    def __init__(self, encoding: str, tty: bool) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n", write_through=True)
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty

    def text(self) -> str:
        self.flush()
        raw = self.buffer
        assert isinstance(raw, io.BytesIO)
        return raw.getvalue().decode(self.encoding)


def screen(command: str, kind: str) -> str:
    """What one command shows on one kind of screen, stderr included; without colour, which carries no meaning."""
    columns, encoding, options = KINDS[kind]
    out, err = Terminal(encoding, columns is not None), Terminal(encoding, False)
    settings = {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": str(columns or 80), "HF_HUB_OFFLINE": "1"}
    with mock.patch.dict(os.environ, settings), redirect_stdout(out), redirect_stderr(err):
        status = run([*COMMANDS[command], *options])
    assert status == 0, err.text()
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.text() + err.text()).splitlines()  # bold is left without colour
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main() -> None:
    """Write every screen."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for command in COMMANDS:
        for kind in KINDS:
            (FOLDER / f"{command}.{kind}.txt").write_text(screen(command, kind), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
