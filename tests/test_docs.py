"""The pages name what there is."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from llmmem.engines import ENGINES

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "llmmem" / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:llmmem|configs|tests|completions)/[\w./-]+)`", text):
        assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_every_engine_is_explained_with_its_version() -> None:
    text = (ROOT / "llmmem" / "docs" / "numbers.md").read_text(encoding="utf-8")
    for name, place in ENGINES.items():
        module, cls = place.split(":")
        version = getattr(import_module(f"llmmem.engines.{module}"), cls).VERSION
        assert name in text.lower() and version in text, f"{name} {version}"


def test_daily_commands_exist() -> None:
    """What the page for contributors calls a command is one, and what a command runs is there."""
    recipes = set(re.findall(r"^(\w+)[^:\n]*:$", (ROOT / ".justfile").read_text(encoding="utf-8"), re.M))
    text = (ROOT / "llmmem" / "docs" / "contributing.md").read_text(encoding="utf-8")
    assert set(re.findall(r"just (\w+)", text)) <= recipes
    for file in (".justfile", ".pre-commit-config.yaml"):
        for script in re.findall(r"(?:tests|completions)/\w+\.py", (ROOT / file).read_text(encoding="utf-8")):
            assert (ROOT / script).is_file(), f"{file} runs {script}"
