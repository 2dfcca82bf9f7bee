"""Where the files llmmem ships with are."""

from __future__ import annotations

from pathlib import Path


def configs_dir() -> Path:
    """The directory of gpus.yaml, models/ and capacity.yaml.

    A wheel carries it inside the package; a checkout, and so an editable install, has it beside the package.
    """
    package = Path(__file__).parent
    inside = package / "configs"
    return inside if inside.is_dir() else package.parent / "configs"
