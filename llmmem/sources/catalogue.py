"""The offline catalogue: one small YAML file per model, found by its path ``models/ORG/NAME.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llmmem import paths, shipped
from llmmem.errors import ConfigError


def find(repo: str) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    """The entry of a model: its id as the catalogue spells it, its config, and what is to be known about it.

    Args:
        repo: a checked id; upper and lower case do not matter. Without an organisation it is the one model of that
            name, if there is only one.

    Raises:
        ConfigError: the entry is there but broken.
    """
    models = _models()
    org, _, name = repo.rpartition("/")
    if org:
        folder = _named(models, org)
        path = _named(folder, f"{name}.yaml") if folder else None
    else:
        path = _only(models, f"{name}.yaml")
    if path is None:
        return None
    entry = shipped.read(path)
    config = entry.get("config") if isinstance(entry, dict) else None
    if not isinstance(config, dict):
        raise ConfigError(
            f"The catalogue's {path} has no config.", "Reinstall llmmem, or give the model's config.json."
        )
    note = entry.get("note")
    return f"{path.parent.name}/{path.stem}", config, (str(note),) if note else ()


def suggestion(repo: str) -> str:
    """A question naming the catalogue's ids most like this one; empty when none is."""
    from difflib import SequenceMatcher

    def likeness(other: str) -> float:
        # The name alone counts too, so that a wrong organisation does not hide the right model.
        pairs = ((repo, other), (repo.rpartition("/")[2], other.rpartition("/")[2]))
        return max(SequenceMatcher(None, a.lower(), b.lower()).ratio() for a, b in pairs)

    ids = (f"{p.parent.name}/{p.stem}" for p in _models().glob("*/*.yaml"))
    scored = sorted(((likeness(i), i) for i in ids), key=lambda s: (-s[0], s[1]))
    near = [name for score, name in scored[:3] if score >= 0.75]
    return f"Did you mean {' or '.join(near)}?" if near else ""


def _models() -> Path:
    return paths.configs_dir() / "models"


def _named(folder: Path, name: str) -> Path | None:
    """The entry of a folder with this name, whatever its case; the folder is listed only when the exact name is not."""
    exact = folder / name
    if exact.exists():
        return exact
    if not folder.is_dir():
        return None
    return next((p for p in folder.iterdir() if p.name.lower() == name.lower()), None)


def _only(models: Path, file: str) -> Path | None:
    """The file of this name in any organisation, if it is the only one."""
    found = list(models.glob(f"*/{file}"))  # a checked id has no wildcards
    if not found:
        found = [p for p in models.glob("*/*.yaml") if p.name.lower() == file.lower()]
    return found[0] if len(found) == 1 else None
