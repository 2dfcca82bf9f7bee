"""Every model type against what transformers 5.23 builds on the meta device: counts, tensors, caches."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from llmmem import calculate_memory, read_model
from llmmem.architectures import REGISTRY, build
from llmmem.config import Config, size_bearing

ORACLE = Path(__file__).parent / "fixtures" / "oracle"
#: reason -> dotted key -> model types
UNREAD = json.loads((ORACLE.parent / "unread.json").read_text())
ROWS = [
    pytest.param(row, id=f"{path.stem}-{name}")
    for path in sorted(ORACLE.glob("*.json"))
    for name, row in json.loads(path.read_text()).items()
]


def folded(name: str) -> str:
    return re.sub(r"(?<=[._])\d+(?=[._]|$)", "{}", name)


@pytest.mark.parametrize("row", ROWS)
def test_tensors(row: dict[str, Any]) -> None:
    spec = read_model(row["config"])
    assert spec.parameters == row["parameters"]
    assert spec.checkpoint_elements == row["checkpoint_elements"]
    wanted = Counter({(folded(name), tuple(shape)): 0 for name, shape, _ in row["tensors"]})
    for name, shape, count in row["tensors"]:
        wanted[folded(name), tuple(shape)] += count
    assert Counter((folded(name), shape) for name, shape in spec.tensors()) == wanted


@pytest.mark.parametrize("row", [r for r in ROWS if r.values[0].get("cache")])
@pytest.mark.parametrize("tokens", [37, 300])
def test_caches(row: dict[str, Any], tokens: int) -> None:
    if str(tokens) not in row["cache"]:
        pytest.skip("not traced")
    report = calculate_memory(row["config"], batch_size=2, seq_length=tokens, precision="bf16")
    assert report.kv_cache_bytes + report.state_memory_bytes == row["cache"][str(tokens)]


@pytest.mark.parametrize("model_type", sorted(REGISTRY))
def test_class_defaults(model_type: str) -> None:
    """A config that holds nothing but its type is the default model."""
    path = ORACLE / f"{model_type}.json"
    if not path.exists():
        pytest.skip("no oracle row")
    row = json.loads(path.read_text())["defaults"]
    if row.get("not_bare"):
        pytest.skip("the class's own defaults cannot be built")
    spec = read_model({"model_type": model_type, "architectures": [row["class"]]})
    assert spec.parameters == row["parameters"]
    assert read_model({"model_type": model_type, "architectures": row["config"]["architectures"]}).layers == spec.layers


def test_names_are_unique() -> None:
    for row in ROWS:
        names = [name for name, _ in read_model(row.values[0]["config"]).tensors()]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("row", ROWS)
def test_no_size_is_passed_over(row: dict[str, Any]) -> None:
    """Size-bearing keys that nothing read belong to the written list: a new key fails loudly."""
    config = Config(row["config"])
    build(config)
    known = {(key, kind) for keys in UNREAD.values() for key, kinds in keys.items() for kind in kinds.split()}
    for key in config.unread():
        value: Any = config.raw
        for part in key.split("."):
            value = value[part]
        if size_bearing(key.rpartition(".")[2], value):
            assert (key, row["config"]["model_type"]) in known, f"nothing reads {key}"
