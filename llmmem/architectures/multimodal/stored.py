"""Sub-models whose published files name the same tensors otherwise."""

from __future__ import annotations

from collections.abc import Mapping

from llmmem.tensors import ModelSpec


def renamed(spec: ModelSpec, names: Mapping[str, str]) -> ModelSpec:
    """A spec with parts of its names replaced, in the order given.

    Every name is taken with a dot before it, so that ".norm." is the whole of a part and not the end of one.
    """

    def new(name: str) -> str:
        name = f".{name}"
        for old, stored in names.items():
            name = name.replace(old, stored)
        return name[1:]

    blocks = (
        b._replace(prefix=new(b.prefix), tensors=tuple(t._replace(name=new(t.name)) for t in b.tensors))
        for b in spec.blocks
    )
    return spec._replace(blocks=tuple(blocks))
