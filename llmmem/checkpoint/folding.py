"""Names of tensors in files -> blocks: what repeats by an index is kept once, with the layers it occurs in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmmem.tensors import Block, FileTensor, Tensor

#: an index between dots
_INDEX = re.compile(r"(?:(?<=\.)|^)\d+(?=\.|$)")

#: words of names that say what a tensor belongs to, the first that occurs
_COMPONENTS = (
    ("mtp", "mtp|nextn|eagle|draft"),
    ("vision", "vision|visual|vit|image_encoder|img"),
    ("audio", "audio|speech"),
    ("projector", "projector|mm_proj|connector|merger|aligner"),
    ("text_encoder", "text_encoder|text_model"),
    ("vae", "vae|first_stage_model"),
    ("unet", "unet"),
    ("encoder", "encoder"),
    ("decoder", "decoder"),
    ("language", "language_model"),
)
_GUESSES = tuple((name, re.compile(rf"(?:^|[._])(?:{words})(?:[._\d]|$)")) for name, words in _COMPONENTS)

_ROLES = (
    ("embedding", re.compile(r"(?:embed|wte|word_embeddings)[^.]*\.weight$")),
    ("head", re.compile(r"(?:^|\.)(?:lm_head|output|head)\.weight$")),
    ("norm", re.compile(r"(?:norm|ln_?\w*)\.(?:weight|bias)$", re.IGNORECASE)),
    ("bias", re.compile(r"\.bias$")),
    ("scale", re.compile(r"(?:scales?|scale_inv|zeros|zero_points?|absmax|g_idx)$")),
)


def component(name: str) -> str:
    """What a tensor belongs to where its name says so, else "model"."""
    return next((part for part, pattern in _GUESSES if pattern.search(name)), "model")


def fold(tensors: Iterable[FileTensor], part: str | None = None, *, loaded: bool = True) -> tuple[Block, ...]:
    """Blocks with exactly these tensors.

    The first index in a name is the layer's; a second one that counts from nought in equal tensors is a copy's.

    Args:
        part: the component of all of them; None: as each name says.
        loaded: as in ``Block``.
    """
    layers: dict[tuple[str, str], dict[int, list[FileTensor]]] = {}
    for tensor in tensors:
        prefix, layer, rest = _split(tensor.name)
        of = part or component(tensor.name)
        layers.setdefault((of, prefix), {}).setdefault(layer, []).append(tensor._replace(name=rest))
    out = []
    for (of, prefix), by_layer in layers.items():
        alike: dict[tuple[Tensor, ...], list[int]] = {}
        for layer, held in by_layer.items():
            alike.setdefault(_copies(held), []).append(layer)
        out += [Block(of, prefix, held, tuple(sorted(where)), loaded=loaded) for held, where in alike.items()]
    return tuple(out)


def folded(name: str) -> str:
    """A name with its indices left open, as messages show it."""
    return _INDEX.sub("{}", name)


def _split(name: str) -> tuple[str, int, str]:
    """The name up to its first index, the index, and the rest; names without one occur once."""
    found = _INDEX.search(name)
    if found is None or found.end() == len(name) or len(found[0]) > 6 or str(int(found[0])) != found[0]:
        return "", 0, name
    return name[: found.start()] + "{}.", int(found[0]), name[found.end() + 1 :]


def _copies(held: list[FileTensor]) -> tuple[Tensor, ...]:
    """The tensors of one layer, experts that are alike as copies of one."""
    kinds: dict[tuple[str, tuple[int, ...], str], list[str]] = {}
    for tensor in held:
        name = _INDEX.sub("{}", tensor.name, count=1)
        kinds.setdefault((name, tensor.shape, tensor.dtype), []).append(tensor.name)
    out = []
    for (name, shape, dtype), names in kinds.items():
        if len(names) > 1 and {name.replace("{}", str(i), 1) for i in range(len(names))} == set(names):
            out.append(Tensor(name, shape, _role(name), copies=len(names), dtype=dtype))
        else:
            out += [Tensor(n, shape, _role(n), dtype=dtype) for n in names]
    return tuple(sorted(out))


def _role(name: str) -> str:
    return next((role for role, pattern in _ROLES if pattern.search(name)), "linear")
