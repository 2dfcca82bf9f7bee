"""The house rules between rooms, read off the source: imports go down the list only, heavy libraries have one owner."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "llmmem"

#: a room may import itself and those before it
ORDER = [
    "errors",
    "units",
    "dtypes",
    "paths",
    "yamlfile",
    "shipped",
    "tensors",
    "config",
    "sources",
    "parts",
    "architectures",
    "checkpoint",
    "model",
    "knobs",
    "gpus",
    "deployment",
    "media",
    "engines",
    "memory",
    "fit",
    "api",
    "render",
    "cli",
    "__main__",
]

OWNERS = {
    "huggingface_hub": "sources/hub.py",
    "yaml": "yamlfile.py",
    "rich": "render/",
    "typer": "cli/",
}
FORBIDDEN = {"torch", "transformers", "numpy", "diffusers", "click"}

FILES = sorted(PACKAGE.rglob("*.py"))


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append(node.module or "")
            if node.module == "llmmem":
                found += [f"llmmem.{alias.name}" for alias in node.names]
    return found


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down_and_libraries_have_one_owner(path: Path) -> None:
    place = str(path.relative_to(PACKAGE))
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in FORBIDDEN, f"{place} imports {top}"
        if top in OWNERS:
            assert place.startswith(OWNERS[top]), f"{place} imports {top}, which belongs to {OWNERS[top]}"
        elif top == "llmmem" and place != "__init__.py" and "." in name:
            other = name.split(".")[1]
            assert ORDER.index(other) <= ORDER.index(room(path)), f"{place} imports {other}, a later room"
        else:
            assert top in sys.stdlib_module_names or top == "llmmem", f"{place} imports {top}"


def test_every_room_is_in_the_order() -> None:
    assert {room(p) for p in FILES} - {"__init__"} <= set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_raw_keys_are_read_in_architectures_only(path: Path) -> None:
    """Parts, engines and memory never see a config or a model_type; parts and engines are pure."""
    if room(path) in ("parts", "media", "engines", "memory"):
        names = imports(path)
        assert "llmmem.config" not in names
        for module in ("os", "time", "socket", "pathlib", "subprocess", "random", "datetime"):
            assert module not in names, f"{path.name} imports {module}"
    if room(path) == "parts":
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Name) and node.id in ("Config", "model_type"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_render_prints(path: Path) -> None:
    if room(path) == "render":
        return
    for node in ast.walk(ast.parse(path.read_text())):
        assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")


@pytest.mark.parametrize("path", sorted((PACKAGE / "architectures").glob("*/**/*.py")), ids=lambda p: p.stem)
def test_architecture_files_are_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 120
