"""Components and pipelines of diffusers; only the module asked for is imported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from llmmem.architectures.classes import CLASSES, ENCODERS
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmmem.tensors import ModelSpec


def reader(name: str) -> Callable[..., ModelSpec] | None:
    """The function that reads configs of this class; None where there is no description."""
    place = CLASSES.get(name)
    if place is None:
        return None
    module, function = place.split(":")
    return getattr(import_module(f"{__name__}.{module}"), function)  # type: ignore[no-any-return]


def as_transformers(c: Config, known: Callable[[str], bool]) -> Config:
    """The config of a component that is a model of transformers: its class is the one the pipeline names.

    Args:
        c: a config whose ``_class_name`` is no class of diffusers.
        known: whether a model_type has a description.

    Raises:
        UnsupportedArchitectureError: neither the class nor its model_type has a description.
    """
    name = c.str("_class_name")
    model_type = c.str("model_type")
    if not known(model_type) or name in ENCODERS:
        model_type = ENCODERS.get(name, "")
    if not model_type:
        from difflib import get_close_matches

        near = get_close_matches(name, [*CLASSES, *ENCODERS], n=3, cutoff=0.6)
        raise UnsupportedArchitectureError(
            f"llmmem does not know the class {name[:60]!r}.",
            f"Nearest known: {', '.join(near)}." if near else f"{len(CLASSES)} classes of diffusers are known.",
        )
    raw = {k: v for k, v in c.raw.items() if k != "_class_name"}
    return Config({**raw, "model_type": model_type, "architectures": [name]}, c.path, c.reads)
