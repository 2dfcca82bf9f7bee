"""The local Hugging Face cache, read directly: its layout is documented, and its library is slow to import."""

from __future__ import annotations

import os
import re
from pathlib import Path

from llmmem.sources.reference import expand

_COMMIT = r"[0-9a-f]{40}"


def folder() -> Path:
    """Where the cache is, by the environment variables the library goes by."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(name):
            return _path(value)
    if home := os.environ.get("HF_HOME"):
        return _path(home) / "hub"
    return _path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface" / "hub"


def find(repo: str, revision: str | None) -> tuple[Path, str] | None:
    """The folder of a cached model that holds its config.json, and its commit; None when it is not in the cache.

    Args:
        repo: a checked id, so the path stays in the cache.
        revision: a checked branch, tag or full commit; None is "main".
    """
    model = folder() / f"models--{repo.replace('/', '--')}"
    commit = revision if revision and re.fullmatch(_COMMIT, revision) else _ref(model, revision or "main")
    if commit is None:
        return None
    path = model / "snapshots" / commit / "config.json"
    try:
        there = path.is_file()
    except OSError:  # a cache we may not look into is as good as none
        there = False
    return (path.parent, commit) if there else None


def _ref(model: Path, revision: str) -> str | None:
    """The commit a branch or tag stood for when it was last downloaded."""
    try:
        with (model / "refs" / revision).open("rb") as file:
            commit = file.read(64).decode("ascii", "replace").strip()
    except OSError:
        return None
    # Anything else could lead out of the cache.
    return commit if re.fullmatch(_COMMIT, commit) else None


def _path(value: str) -> Path:
    return expand(os.path.expandvars(value))
