"""A model that lies far away: its config.json, and what the headers of its files state."""

from __future__ import annotations

from typing import Any, NamedTuple

from llmmem.errors import ConfigError, LlmmemError, ModelNotFoundError, SourceUnavailableError
from llmmem.sources import diffusers, files, gguf, gguf_files, jsonfile, kinds, progress, safetensors
from llmmem.sources.place import Place
from llmmem.sources.reference import shown
from llmmem.sources.remote import MissingFileError, Remote
from llmmem.tensors import Header

#: said where an answer is not fresh
OLD = "kept from more than a day ago, as nobody could be asked again: the repository may have changed since"
#: said where only the config could be read
UNLISTED = "the repository's other files could not be read: whether one says how the weights are quantised is unknown"


class Fetched(NamedTuple):
    """What was found far away."""

    raw: dict[str, Any]
    header: Header | None = None
    notes: tuple[str, ...] = ()
    #: the commit where it is known, else the revision asked for
    revision: str | None = None
    #: hub, header, or cache where nothing had to be asked
    source: str = "hub"
    #: elements of each dtype as the Hub counts them
    counted: dict[str, int] | None = None


def fetch(place: Place, token: str | None, offline: bool, headers: bool = False) -> Fetched:
    """The config of a model far away, or what its files' headers state.

    Args:
        place: where it is.
        token: None takes the one the library finds.
        offline: do not ask.
        headers: read the headers of its weights as well.

    Raises:
        SourceUnavailableError: offline, or the server cannot be reached, is broken or asks to wait.
        ModelNotFoundError: no such model, revision or file, or nothing in it that can be read.
        UnsupportedArchitectureError: the repository holds another kind of model (an adapter, ...).
        GatedModelError: a token or an accepted licence is needed, or the token is not valid.
        ConfigError: its config.json is not a JSON object, or a header is broken.
        UsageError: the token or a HF_* variable makes no sense.
    """
    remote = Remote(place, token, offline)
    with progress.watched():
        found = _found(remote, headers)
    source = found.source if found.source == "header" or (remote.asked and not remote.old) else "cache"
    notes = (*found.notes, OLD) if remote.old else found.notes
    return found._replace(source=source, revision=remote.revision, notes=notes)


def _found(remote: Remote, headers: bool) -> Fetched:
    place = remote.place
    name = place.file.lower()
    if place.variant:
        chosen = kinds.gguf(place.repo, remote.names(), f"{place.repo}:Q4_K_M", place.variant)
        if chosen is None:
            raise ModelNotFoundError(f"{place.repo} has no GGUF files.", f"Give its id alone: {place.repo}.")
        return Fetched({}, _gguf(remote, chosen), source="header")
    if name.endswith(".gguf"):
        return Fetched({}, _gguf(remote, place.file), source="header")
    if name.endswith(".safetensors"):
        names = [_beside(place.file, part) for part in files.together(place.file.rpartition("/")[2])]
        header = files.whole(remote.headers(names, safetensors.parse), names)
        raw = _optional(remote, _beside(place.file, "config.json"))
        return Fetched(raw, header, source="hub" if raw else "header")
    if name and not name.endswith(".json"):
        if kind := kinds.weights(name):
            raise kinds.not_opened(shown(place.file), kind, "")
        raise ModelNotFoundError(f"{remote.what} is no model that can be read.", "Give the model's id.")
    file = place.file or "config.json"
    try:
        raw = _config(remote, file)
    except MissingFileError as error:
        if place.file:
            raise
        return _without_config(remote, error)
    if place.file and file.rpartition("/")[2] != "config.json":
        return Fetched(raw)
    return _with_files(remote, raw, headers)


def _config(remote: Remote, file: str) -> dict[str, Any]:
    data = remote.content(file)
    try:
        return jsonfile.parse(data, f"{shown(file)} of {remote.what}")
    except ConfigError as error:
        if remote.place.kind != "hub" or remote.revision != remote.place.revision:
            raise
        raise SourceUnavailableError(
            f"{remote.client.host} answered with something else than the Hub would: a login page or a wrong address?",
            "Check HF_ENDPOINT and the proxy.",
        ) from error


def _with_files(remote: Remote, raw: dict[str, Any], headers: bool) -> Fetched:
    """A config with what the other files of its repository say."""
    counted = None
    if remote.place.kind != "web" and not remote.place.file and (headers or files.unquantised(raw)):
        try:
            remote.names()
        except LlmmemError:  # the config alone is an answer too
            if headers:
                raise
            return Fetched(raw, notes=(UNLISTED,))
        if chosen := _only_gguf(remote):
            return Fetched({}, _gguf(remote, chosen), source="header")
        try:
            raw = files.with_quantization(raw, remote)
            counted = _counted(remote.info()) if files.unquantised(raw) else None
        except LlmmemError:  # the config alone is an answer too
            if headers:
                raise
            return Fetched(raw, notes=(UNLISTED,))
    header = files.weights(remote) if headers else None
    if headers and header is None:
        raise ModelNotFoundError(
            f"{remote.what} has no safetensors files whose headers could be read.", "Leave --headers out."
        )
    return Fetched(raw, header, counted=counted)


def _only_gguf(remote: Remote) -> str | None:
    """The GGUF file of a repository that has a config.json, but no other weights."""
    names = remote.names()
    if any(kinds.weights(name) not in (None, "GGUF") for name in names):
        return None
    return kinds.gguf(remote.place.repo, names, f"{remote.what}/{{}}")


def _counted(info: dict[str, Any]) -> dict[str, int] | None:
    """Elements of each dtype in the safetensors files, as the Hub's list says."""
    said = info.get("safetensors")
    counts = said.get("parameters") if isinstance(said, dict) else None
    if not isinstance(counts, dict) or not all(type(n) is int and n >= 0 for n in counts.values()):
        return None
    return {safetensors.DTYPES[name]: n for name, n in counts.items() if name in safetensors.DTYPES} or None


def _optional(remote: Remote, file: str) -> dict[str, Any]:
    try:
        return _config(remote, file)
    except LlmmemError:
        return {}


def _without_config(remote: Remote, error: MissingFileError) -> Fetched:
    """What the weights of a repository say for themselves.

    Raises:
        LlmmemError: nothing.
    """
    repo = remote.place.repo
    try:
        names = remote.names()
    except LlmmemError:  # the first answer is enough to say
        raise kinds.without_config(repo, ()) from error
    if diffusers.INDEX in names:
        held = set(names)
        return Fetched(diffusers.read_pipeline(lambda name: _config(remote, name) if name in held else None))
    if "adapter_config.json" not in names:
        if chosen := kinds.gguf(repo, names, f"{remote.what}/{{}}"):
            return Fetched({}, _gguf(remote, chosen), source="header")
        if header := files.weights(remote):
            return Fetched({}, header, source="header")
    raise kinds.without_config(repo, map(shown, names)) from error


def _gguf(remote: Remote, file: str) -> Header:
    """The header of a GGUF file and of its other parts."""
    first, *others = (_beside(file, part) for part in gguf_files.parts(file.rpartition("/")[2]))
    held = dict(zip([first, *others], remote.headers([first, *others], gguf.parse), strict=True))
    return gguf_files.whole(first, others, held.__getitem__)


def _beside(file: str, name: str) -> str:
    """A file in the same folder as another."""
    folder, slash, _ = file.rpartition("/")
    return f"{folder}{slash}{name}"
