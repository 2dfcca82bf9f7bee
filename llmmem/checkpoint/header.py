"""What the headers of a model's files state -> its weights, to the byte: beside a known architecture, or alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from llmmem.checkpoint import store
from llmmem.checkpoint.folding import fold, folded
from llmmem.config import Config
from llmmem.errors import UnsupportedArchitectureError
from llmmem.tensors import EXTRA, UNTIED, AsStored, Block, FileTensor, Header, ModelSpec, Tensor

#: what a checkpoint's tensors alone do not tell
UNKNOWN = ("kv_cache", "state", "activations", "image")
_FLOATS = ("fp64", "fp32", "fp16", "bf16", "fp8")
#: names of the same bytes
_SAME = {"e8m0": "uint8", "bool": "uint8", "uint32": "int32"}
#: names shown of each kind of difference
_SHOWN = 3

#: per tensor: how often which shape and dtype was found in one layer, and how many were not
_Found = tuple[tuple[tuple[tuple[int, ...], str] | None, int], ...]


def alone(header: Header, c: Config, reason: str) -> ModelSpec:
    """A model of which only its files are known: exact weights, and no guess about anything else.

    Args:
        reason: why the architecture is not known, for the note.
    """
    blocks = fold(header.tensors)
    packed = sum(t.nbytes for t in header.tensors if t.dtype not in _FLOATS)
    notes = [*header.notes, f"{reason} Weights are those the files state; the rest is unknown, so is whether it fits."]
    if packed:
        notes.append(f"{packed:,} bytes are not stored as floats: one element there may stand for several parameters")
    return ModelSpec(
        model_type=c.str("model_type") or "unknown",
        architecture=str(next(iter(c.list("architectures") or ()), "") or "unknown architecture"),
        blocks=blocks,
        hidden_size=0,
        dtype=_main(header.tensors),
        measured=header.form,
        unknown=UNKNOWN,
        notes=tuple(notes),
    )


def beside(spec: ModelSpec, header: Header) -> ModelSpec:
    """A known model with its weights as its files hold them, and how they differ from what its config says."""
    if spec.dtype is None:
        spec = spec._replace(dtype=_main(header.tensors))
    try:
        said = store(spec, "auto")
        blocks, precision = said.spec.blocks, said.precision
    except UnsupportedArchitectureError:
        own = store(spec._replace(quantization=None), "auto")
        blocks, precision = own.spec.blocks, str((spec.quantization or {}).get("quant_method") or own.precision)
    files = {t.name: t for t in header.tensors}
    match = _Match(spec, blocks, files)
    stored = tuple(match.blocks())
    why = f"the files' own headers state it, tensor by tensor ({len(files):,} tensors)"
    notes = (*spec.notes, *header.notes, *match.notes(spec))
    if not spec.quantization:
        precision = _main(header.tensors) or precision
    return spec._replace(stored=AsStored(stored, precision, why), measured=header.form, notes=notes)


def _main(tensors: Iterable[FileTensor]) -> str | None:
    """The floating type of most bytes."""
    sizes: Counter[str] = Counter()
    for t in tensors:
        if t.dtype in _FLOATS:
            sizes[t.dtype] += t.nbytes
    return max(sizes, key=lambda name: sizes[name]) if sizes else None


class _Match:
    """The tensors that an architecture expects against those that are there."""

    def __init__(self, spec: ModelSpec, blocks: tuple[Block, ...], files: dict[str, FileTensor]) -> None:
        self._spec, self._blocks, self._files = spec, blocks, files
        self._add, self._drop = _prefix([n for n, _ in _names(blocks)], files)
        self._aliases: dict[str, str] = {target: alias for alias, target in spec.tied}
        used: set[str] = set()
        for name, _ in _names(blocks):
            if file := self._file(name):
                used.add(file.name)
        self._left = {n: t for n, t in files.items() if n not in used}
        self._beside: dict[str, list[FileTensor]] = {}
        for t in self._left.values():
            self._beside.setdefault(t.name.rpartition(".")[0], []).append(t)
        self._missing: list[str] = []
        self._instead: list[str] = []
        self._other: Counter[tuple[str, str, str]] = Counter()

    def _spelt(self, name: str) -> str:
        if self._drop and name.startswith(self._drop):
            return name[len(self._drop) :]
        return self._add + name

    def _file(self, name: str) -> FileTensor | None:
        """The file's tensor of an expected name, or of the name it shares storage with."""
        found = self._files.get(self._spelt(name))
        if found is None and name in self._aliases:
            found = self._files.get(self._spelt(self._aliases[name]))
        return found

    def blocks(self) -> Iterator[Block]:
        """The blocks as they are stored, and those of tensors that nothing expects."""
        claimed: dict[str, dict[str, FileTensor]] = {}
        for block in self._blocks:
            places: dict[tuple[_Found, ...], list[int]] = {}
            for layer in block.layers:
                found = tuple(self._found(block, layer, t, claimed) for t in block.tensors)
                places.setdefault(found, []).append(layer)
            for kinds, layers in places.items():
                tensors = [made for t, found in zip(block.tensors, kinds, strict=True) for made in _as_found(t, found)]
                if not tensors:
                    continue
                whole = block.layers if len(places) == 1 else tuple(layers)
                made = block._replace(tensors=tuple(tensors), layers=whole)
                # A head that is there apart is loaded; that it may be is no guess any more.
                yield made._replace(component="decoder", loaded=True) if block.component == UNTIED else made
        for part, held in claimed.items():
            yield from fold(held.values(), part)
            for name in held:
                self._left.pop(name, None)
        aliases = {self._spelt(alias) for alias, _ in self._spec.tied}
        self._twice = [n for n in self._left if n in aliases]
        self._extra = [t for n, t in self._left.items() if n not in aliases]
        yield from fold(self._extra, EXTRA, loaded=False)

    def _found(self, block: Block, layer: int, t: Tensor, claimed: dict[str, dict[str, FileTensor]]) -> _Found:
        """What is there for one tensor in one layer."""
        counts: Counter[tuple[tuple[int, ...], str] | None] = Counter()
        for name, shape in block.names(layer, t):
            file = self._file(name)
            if file is not None:
                counts[file.shape, file.dtype] += 1
                if file.shape != shape or _SAME.get(file.dtype, file.dtype) != _SAME.get(t.dtype or "", t.dtype):
                    self._other[folded(name), f"{t.dtype} {_sides(shape)}", f"{file.dtype} {_sides(file.shape)}"] += 1
            elif instead := self._beside.get(self._spelt(name).rpartition(".")[0]):
                # The module is there under other names: stored in another way than the config says.
                claimed.setdefault(block.component, {}).update((f.name, f) for f in instead)
                self._instead.append(name)
            elif block.loaded:
                # A class makes what its files lack when it loads them.
                counts[None] += 1
                self._missing.append(name)
        return tuple(counts.items())

    def notes(self, spec: ModelSpec) -> Iterator[str]:
        """The differences, each kind in one line."""
        kind = spec.model_type
        if self._add or self._drop:
            yield f"the files' names {'have' if self._add else 'lack'} the prefix {self._add or self._drop!r}"
        if self._other:
            some = [f"{name} is {there}, not {said}" for (name, said, there), _ in self._other.most_common(_SHOWN)]
            count = _count(sum(self._other.values()))
            yield f"{count} stored otherwise than config.json says: {'; '.join(some)}"
        if self._instead:
            count = _count(len(self._instead))
            yield f"{count} stored under other names than config.json says: {_some(self._instead)}"
        if self._missing:
            count = _count(len(self._missing), f" of {kind}")
            yield f"{count} not in the files, and counted as it would make them: {_some(self._missing)}"
        if self._twice:
            yield f"{_some(self._twice)}: in the files although tied to another tensor, so not counted twice"
        if self._extra:
            size = sum(t.nbytes for t in self._extra)
            count = _count(len(self._extra), f" ({size:,} bytes) that {kind} does not have")
            yield f"{count} in the files, and an engine may or may not load it: {_some(t.name for t in self._extra)}"


def _names(blocks: Iterable[Block]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for block in blocks:
        for layer in block.layers:
            for t in block.tensors:
                yield from block.names(layer, t)


def _prefix(names: list[str], files: dict[str, FileTensor]) -> tuple[str, str]:
    """A prefix that the files' names have before those expected, or lack, where that makes more of them agree.

    Files of a base model lack its name in the class with a head, and the other way round.
    """
    best, chosen = sum(name in files for name in names), ("", "")
    if 2 * best >= min(len(names), len(files)):
        return chosen
    for drop in {p for name in names[:1000] for p in _starts(name)}:
        hits = sum((name[len(drop) :] if name.startswith(drop) else name) in files for name in names)
        best, chosen = max((best, chosen), (hits, ("", drop)))
    for add in {p for name in list(files)[:1000] for p in _starts(name)}:
        hits = sum(add + name in files for name in names)
        best, chosen = max((best, chosen), (hits, (add, "")))
    return chosen


def _starts(name: str) -> list[str]:
    """The first one and two parts of a name, while they hold no index."""
    parts = name.split(".")[:-1]
    return [".".join(parts[:n]) + "." for n in (1, 2) if len(parts) >= n and not any(p.isdigit() for p in parts[:n])]


def _as_found(t: Tensor, found: _Found) -> Iterator[Tensor]:
    """A tensor of the architecture with the shapes and dtypes that were found for it."""
    stacked = "{}" not in t.name and t.copies > 1
    whole = (t.copies * t.shape[0], *t.shape[1:]) if t.flat else (t.copies, *t.shape) if stacked else t.shape
    for kind, count in found:
        copies = t.copies if stacked else count
        if kind is None:
            yield t._replace(copies=copies)
        elif kind[0] == whole:
            yield t._replace(dtype=kind[1], copies=copies)
        else:
            shard = t.shard if not stacked and len(kind[0]) == len(t.shape) else None
            cut = shard if shard is not None and kind[0][shard] == t.shape[shard] else None
            yield t._replace(
                shape=kind[0],
                dtype=kind[1],
                copies=1 if stacked else count,
                flat=False,
                shard=cut,
                unit=t.unit if cut is not None else 1,
            )


def _count(n: int, which: str = "") -> str:
    return f"{n:,} tensor{'' if n == 1 else 's'}{which} {'is' if n == 1 else 'are'}"


def _some(names: Iterable[str]) -> str:
    unique = sorted({folded(name) for name in names})
    more = f" and {len(unique) - _SHOWN:,} more" if len(unique) > _SHOWN else ""
    return ", ".join("".join(c if c.isprintable() else "?" for c in n[:80]) for n in unique[:_SHOWN]) + more


def _sides(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
