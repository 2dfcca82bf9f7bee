"""The Python API: what ``from llmmem import ...`` gives."""

from __future__ import annotations

from typing import Any

from llmmem.architectures import build
from llmmem.config import Config
from llmmem.tensors import ModelSpec


def read_model(ref: dict[str, Any]) -> ModelSpec:
    """The tensors and caches of a model."""
    return build(Config(ref))
