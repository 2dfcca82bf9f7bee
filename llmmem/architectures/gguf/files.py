"""The tensors of a GGUF file as blocks: layers that are alike folded into one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmmem.architectures.gguf.names import tensor
from llmmem.tensors import Block, Cache, FileTensor, Tensor, Work

_LAYER = re.compile(r"((?:enc|dec|v|a)\.)?blk\.(\d+)\.(.+)")
#: an expert stored on its own, as conversions did before they were stacked
_EXPERT = re.compile(r"(ffn_(?:gate|up|down))\.(\d+)\.(weight|bias)")

#: prefix of a layer's name -> component
COMPONENTS = {"enc.": "encoder", "dec.": "decoder", "v.": "vision", "a.": "audio"}

_STEM = ("token_embd", "per_layer", "position_embd", "token_types", "rope_freqs", "rope_factors")

#: what a layer remembers and does, and what one token uses of its experts
Layer = tuple[tuple[Cache, ...], tuple[Work, ...]]


def split(tensors: Iterable[FileTensor]) -> tuple[dict[tuple[str, int], list[FileTensor]], list[FileTensor]]:
    """Tensors of each (prefix, layer), named relative to it, and those outside the layers."""
    layers: dict[tuple[str, int], list[FileTensor]] = {}
    rest = []
    for t in tensors:
        match = _LAYER.fullmatch(t.name)
        if match and len(match[2]) < 7 and str(int(match[2])) == match[2]:
            layers.setdefault((match[1] or "", int(match[2])), []).append(t._replace(name=match[3]))
        else:
            rest.append(t)
    return layers, rest


def folded(tensors: list[FileTensor], used: int) -> tuple[Tensor, ...]:
    """The tensors of one layer, experts that are stored one by one as copies of one."""
    out: list[Tensor] = []
    experts: dict[tuple[str, tuple[int, ...], str], list[str]] = {}
    for t in tensors:
        match = _EXPERT.fullmatch(t.name)
        if match:
            experts.setdefault((f"{match[1]}.{{}}.{match[3]}", t.shape, t.dtype), []).append(match[2])
        else:
            out.append(tensor(t.name, t.shape, t.dtype, used))
    for (name, shape, dtype), indices in experts.items():
        one = tensor(name.replace(".{}", ""), shape, dtype, used)
        if sorted(map(int, indices)) == list(range(len(indices))):
            out.append(one._replace(name=name, copies=len(indices), active=min(used, len(indices))))
        else:  # experts of one layer in several types
            out += [one._replace(name=name.replace("{}", i)) for i in indices]
    return tuple(out)


def blocks(
    tensors: Iterable[FileTensor],
    component: str,
    known: dict[tuple[str, int], Layer],
    used: int,
    unloaded: frozenset[int] = frozenset(),
) -> tuple[Block, ...]:
    """The blocks of a file.

    Args:
        component: of the layers without a prefix and of what stands outside of layers.
        known: what the architecture says of each (component, layer).
        used: experts that serve a token.
        unloaded: layers the engine leaves aside.
    """
    layers, rest = split(tensors)
    # The table of tokens stands before others with as many rows.
    first = sorted((t for t in rest if t.name.startswith(_STEM)), key=lambda t: t.name != "token_embd.weight")
    last = [t for t in rest if not t.name.startswith(_STEM)]
    places: dict[tuple[str, str, tuple[Tensor, ...], Layer, bool], list[int]] = {}
    for (prefix, index), own in sorted(layers.items()):
        part = COMPONENTS.get(prefix, component)
        loaded = index not in unloaded
        remembers = known.get((part, index), ((), ())) if loaded else ((), ())
        place = (part if loaded else "mtp", prefix, folded(own, used), remembers, loaded)
        places.setdefault(place, []).append(index)
    return (
        *_outside(first, component, used),
        *(
            Block(part, f"{prefix}blk.{{}}.", own, tuple(indices), caches, work, loaded)
            for (part, prefix, own, (caches, work), loaded), indices in places.items()
        ),
        *_outside(last, component, used),
    )


def _outside(tensors: list[FileTensor], component: str, used: int) -> tuple[Block, ...]:
    """What stands before or after the layers, each under the component its name says."""
    places: dict[str, list[Tensor]] = {}
    for t in tensors:
        part = next((c for prefix, c in COMPONENTS.items() if t.name.startswith(prefix)), component)
        part = "projector" if t.name.startswith("mm.") else part
        places.setdefault(part, []).append(tensor(t.name, t.shape, t.dtype, used))
    return tuple(Block(part, "", tuple(own)) for part, own in places.items())
