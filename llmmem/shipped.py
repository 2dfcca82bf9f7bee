"""Reading the files of configs/: YAML, written in the part of it that is also JSON.

Reading JSON takes a twentieth of the time, and importing yaml alone costs more than most commands take. A file that is
other YAML works too, only slower.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read(path: Path, mark: str = "") -> Any:
    """The content of a shipped file; one list entry per line ("- {...}") or one object, comments on their own lines.

    Args:
        mark: of a list with one entry per line, read those with this text in it (other files are read whole).

    Raises:
        ConfigError: the file cannot be read or is not YAML.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
        if lines and all(line.startswith("- ") for line in lines):
            return [json.loads(line[2:]) for line in lines if mark in line]
        return json.loads("\n".join(lines))
    except (OSError, ValueError, RecursionError):
        from llmmem import yamlfile

        return yamlfile.load(path)
