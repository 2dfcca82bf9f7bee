"""``compare --baseline``: a JSON report of ``calc`` or ``compare`` that was kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmmem.memory.growth import Key

#: a report of a hundred deployments has less
LARGEST = 32 << 20
_HINT = "Save one with: llmmem compare ... --json > baseline.json"


def saved(file: str) -> dict[str, dict[Key, int]]:
    """The lines of each deployment of a saved report, by the deployment's name.

    Raises:
        UsageError: it is not there.
        ConfigError: it is no report of calc or compare.
    """
    import json

    from llmmem.errors import ConfigError, UsageError

    path = Path(file)
    if not path.is_file():
        raise UsageError(f"--baseline {file[:80]!r} is no file.", _HINT)
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path} is larger than {LARGEST >> 20} MiB.", _HINT)
        report = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.", _HINT) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid JSON.", _HINT) from error
    try:
        if report["llmmem"] != 1 or report["command"] not in ("calc", "compare"):
            raise KeyError
        data = report["data"]
        models = data["models"] if report["command"] == "compare" else [data]
        return {str(model.get("name") or model["model"]["id"]): _lines(model["lines"]) for model in models}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(f"{path} is no report of calc or compare.", _HINT) from error


def _lines(lines: list[dict[str, Any]]) -> dict[Key, int]:
    """Bytes of each line; lines of one name are added up."""
    out: dict[Key, int] = {}
    for line in lines:
        size = line["bytes"]
        if not isinstance(size, int):
            raise TypeError
        key = (str(line["group"]), str(line["component"]), str(line["label"]))
        out[key] = out.get(key, 0) + size
    return out
