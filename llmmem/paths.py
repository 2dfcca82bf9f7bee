"""Where the files llmmem ships with are."""

from __future__ import annotations

from pathlib import Path

#: shell -> the file of completions/ that is for it, under the name the shell looks for
COMPLETIONS = {"bash": "llmmem.bash", "zsh": "_llmmem", "fish": "llmmem.fish", "powershell": "llmmem.ps1"}


def configs_dir() -> Path:
    """The directory of gpus.yaml, models/ and capacity.yaml.

    A wheel carries it inside the package; a checkout, and so an editable install, has it beside the package.
    """
    return _shipped("configs")


def completions_dir() -> Path:
    """The directory of the completion scripts."""
    return _shipped("completions")


def _shipped(name: str) -> Path:
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
