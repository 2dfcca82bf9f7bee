"""The files of one model, in a folder or a repository: which of them hold its weights, and what their headers state."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from llmmem.errors import ConfigError, ModelNotFoundError
from llmmem.sources import jsonfile, ranges, safetensors
from llmmem.sources.ranges import Read
from llmmem.sources.reference import shown
from llmmem.tensors import Header

#: ``parse(read, what, size)``: a format's reading of one header
Parse = Callable[[Read, str, int | None], Header]

INDEX = ".safetensors.index.json"
#: files beside a config that say how its weights are stored: those of modelopt before 0.31, AutoGPTQ and AutoAWQ
QUANTIZATION = ("hf_quant_config.json", "quantize_config.json", "quant_config.json")
#: keys under which a config says that its weights are quantised
_QUANTIZED = ("quantization_config", "compression_config", "quantization")
#: notes on single files that are shown
MOST_NOTES = 2
#: more than any model has
MOST_SHARDS = 2000

_SHARD = re.compile(r"(.+)-\d{5}-of-(\d{5})\.safetensors")
#: weights that stand beside a model and are no part of it
_BESIDE = ("adapter_model", "optimizer", "consolidated", "training_args", "scheduler", "rng_state")


class Files(ABC):
    """The files of one model."""

    #: the folder or repository as messages name it
    what: str

    @abstractmethod
    def names(self) -> Sequence[str]:
        """Files relative to the model, with forward slashes."""

    @abstractmethod
    def content(self, name: str) -> bytes:
        """A small file.

        Raises:
            LlmmemError: it is not there, too large or cannot be read.
        """

    @abstractmethod
    def headers(self, names: Sequence[str], parse: Parse) -> list[Header]:
        """The headers of files of weights, in the same order.

        Raises:
            LlmmemError: one of them is not there, cannot be read or is broken.
        """


class Folder(Files):
    """A folder on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.what = f"The folder {shown(str(path))}"

    def names(self) -> Sequence[str]:
        """Files at its top, and the config.json of its sub-folders."""
        try:
            entries = list(self.path.iterdir())
            inner = [f"{p.name}/config.json" for p in entries if (p / "config.json").is_file()]
            return [p.name for p in entries] + inner
        except OSError as error:
            raise jsonfile.unreadable(self.what, error) from error

    def content(self, name: str) -> bytes:
        """A small file."""
        return jsonfile.read(self.path / name)

    def headers(self, names: Sequence[str], parse: Parse) -> list[Header]:
        """The headers of files, one after another."""
        return [self._header(name, parse) for name in names]

    def _header(self, name: str, parse: Parse) -> Header:
        path = self.path / name
        if not path.exists():
            raise ModelNotFoundError(
                f"{shown(name)} is missing in {shown(str(self.path))}, although its index lists it.",
                "Get the whole model, or give its config.json alone.",
            )
        with ranges.local(path) as (read, size):
            return parse(read, shown(str(path)), size)


def weights(files: Files) -> Header | None:
    """What the headers of a model's safetensors files state together; None where it has none.

    Raises:
        LlmmemError: one of the files is missing or broken, or they contradict each other.
    """
    names = set(files.names())
    single = [n for n in sorted(names) if _is_model(n)]
    index = next(
        (n for n in ("model" + INDEX, *sorted(names)) if n in names and n.endswith(INDEX) and _is_top(n)), None
    )
    listed: dict[str, str] = {}
    if "model.safetensors" in single:
        chosen = ["model.safetensors"]
    elif index is not None and not index.startswith(_BESIDE):
        listed = _listed(files, index)
        chosen = sorted(set(listed.values()))
    else:
        chosen = _shards(single)
    if not chosen:
        return None
    return whole(files.headers(chosen, safetensors.parse), chosen, listed)


def whole(headers: Sequence[Header], names: Sequence[str], listed: dict[str, str] | None = None) -> Header:
    """The headers of all shards as one.

    Args:
        names: the files' names, for messages.
        listed: tensor -> file as the index has it; empty or None without one.

    Raises:
        ConfigError: two files hold the same tensor.
    """
    if len(headers) == 1 and not listed:
        return headers[0]
    place: dict[str, str] = {}
    for header, name in zip(headers, names, strict=True):
        for t in header.tensors:
            if t.name in place:
                raise ConfigError(
                    f"{shown(name)} and {shown(place[t.name])} both hold {shown(t.name)}.",
                    "Keep the files of one model in one folder.",
                )
            place[t.name] = name
    notes = [note for header in headers for note in header.notes]
    if len(notes) > MOST_NOTES:
        notes[MOST_NOTES:] = [f"{len(notes) - MOST_NOTES:,} more of its files are like this"]
    if listed and (lost := [n for n in listed if n not in place]):
        notes.append(f"the index lists {len(lost):,} tensors that its files do not hold, such as {shown(lost[0])}")
    size = sum(h.file_bytes or 0 for h in headers)
    tensors = tuple(t for h in headers for t in h.tensors)
    return Header("safetensors", tensors, dict(headers[0].metadata), size, tuple(notes))


def together(name: str) -> list[str]:
    """All files of a model, from the name of one; a file that is no shard stands alone."""
    shard = _SHARD.fullmatch(name)
    count = int(shard[2]) if shard else 0
    if shard is None or not 1 < count <= MOST_SHARDS:
        return [name]
    return [f"{shard[1]}-{i:05d}-of-{count:05d}.safetensors" for i in range(1, count + 1)]


def unquantised(raw: dict[str, Any]) -> bool:
    """Whether a config says nothing of quantised weights."""
    return not any(raw.get(key) for key in _QUANTIZED)


def with_quantization(raw: dict[str, Any], files: Files) -> dict[str, Any]:
    """A config with what the tool that quantised the model wrote into a file of its own."""
    if not unquantised(raw):
        return raw
    name = next((name for name in QUANTIZATION if name in files.names()), None)
    if name is None:
        return raw
    return {**raw, "quantization_config": jsonfile.parse(files.content(name), f"{name} of {files.what}")}


def _listed(files: Files, index: str) -> dict[str, str]:
    """Tensor -> file, as an index has it."""
    raw = jsonfile.parse(files.content(index), f"{index} of {files.what}").get("weight_map")
    if not isinstance(raw, dict) or not raw:
        raise ConfigError(f"{shown(index)} has no weight_map.", "Get the file again, or give the config.json alone.")
    for name in set(map(str, raw.values())):
        # What leads out of the folder is not of this model.
        if not name.endswith(".safetensors") or not _is_top(name) or "\\" in name or name.startswith("."):
            raise ConfigError(
                f"{shown(index)} lists {shown(name)}, which is no safetensors file beside it.", "Get the file again."
            )
    listed = {str(tensor): str(name) for tensor, name in raw.items()}
    if len(set(listed.values())) > MOST_SHARDS:
        raise ConfigError(f"{shown(index)} lists more than {MOST_SHARDS:,} files.", "Get the file again.")
    return listed


def _shards(names: Iterable[str]) -> list[str]:
    """The files of one model among those without an index: the only one, or all that are numbered as one."""
    names = list(names)
    if len(names) < 2:
        return names
    kinds = {(m[1], m[2]) if (m := _SHARD.fullmatch(n)) else (n, "") for n in names}
    return names if len(kinds) == 1 else []


def _is_top(name: str) -> bool:
    return "/" not in name


def _is_model(name: str) -> bool:
    return _is_top(name) and name.endswith(".safetensors") and not name.startswith(_BESIDE)
