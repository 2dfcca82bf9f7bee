"""What every test may count on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from schema import check

from llmmem.render import machine


@pytest.fixture(autouse=True)
def no_files_of_the_user(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own list of GPUs changes an answer, nor does the CI system that the tests run in."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(_empty(tmp_path_factory)))
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def json_follows_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer and error that a test gets as JSON."""
    write = machine.as_json

    def checked(value: Any) -> str:
        check(value)
        return write(value)

    monkeypatch.setattr(machine, "as_json", checked)


def _empty(factory: pytest.TempPathFactory) -> Path:
    return factory.getbasetemp() / "no-config"
