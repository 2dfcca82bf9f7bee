"""Patterns of unlike layers: one name per layer, under the spellings of several generations."""

from __future__ import annotations

from collections.abc import Sequence

from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError

#: older names (transformers 5.23, configuration_utils.py, remap_legacy_layer_types)
_RENAMED = {"mamba": "linear_attention", "attention": "full_attention"}


def layer_kinds(
    c: Config,
    *names: str,
    known: Sequence[str],
    default: list[str] | None = None,
    layers: int | None = None,
) -> list[str]:
    """The kind of every layer.

    Args:
        names: spellings of the key, in the order the model class prefers them.
        known: kinds the family has.
        default: kinds where the key is missing or null; None: it must be there.
        layers: how many there are; None: as many as the list says.

    Raises:
        ConfigError: no list where there must be one, or a list shorter than the model.
        UnsupportedArchitectureError: a kind that is not known.
    """
    kinds = c.list(*names) if layers is None else c.each_layer(*names, layers=layers)
    if kinds is None:
        if default is None:
            raise c.missing(*names)
        return default
    kinds = [_RENAMED.get(k, k) if isinstance(k, str) else k for k in kinds]
    bad = [k for k in kinds if k not in known]
    if bad:
        raise UnsupportedArchitectureError(
            f"{names[0]} names {str(bad[0])[:40]!r}, which llmmem does not know in a {c.str('model_type')} model.",
            f"Known: {', '.join(known)}.",
        )
    return kinds
