"""Runs the README's commands and puts their real output under them: ``python tests/readme.py``."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import sys
from pathlib import Path

from llmmem.cli import run

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(r"```console\n\$ (?P<command>[^\n]+)\n(?P<output>.*?)```", re.S)


def output_of(command: str) -> str:
    """What the last llmmem in a README line prints on stdout."""
    if " | llmmem " in command:
        text, _, command = command.partition(" | ")
        sys.stdin = io.StringIO(shlex.split(text)[1])
    last = command.split(" && ")[-1].removeprefix(".venv/bin/")
    program, *arguments = shlex.split(last)
    assert program == "llmmem", last
    out = io.StringIO()
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            run(arguments)
    finally:
        sys.stdin = sys.__stdin__
    return out.getvalue()


def blocks() -> list[tuple[str, str]]:
    """The commands of the README that have output, and that output."""
    found = BLOCK.findall(README.read_text(encoding="utf-8"))
    return [(command, output) for command, output in found if not command.endswith("pytest")]


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    for command, output in blocks():
        text = text.replace(f"$ {command}\n{output}```", f"$ {command}\n{output_of(command)}```")
    README.write_text(text, encoding="utf-8")
