"""Any reference to a model -> its parsed config.json: catalogue, local file, standard input, local cache, Hub.

What a reference does not need is not imported: a hit in the catalogue or the cache costs neither the Hub's client
(slower to import than the whole calculation) nor a socket.
"""

# No postponed annotations here: NamedTuple compiles each one that is a string, at every start.

import os
from pathlib import PurePath
from typing import IO, Any, NamedTuple

from llmmem.errors import SourceUnavailableError, UsageError
from llmmem.sources import reference
from llmmem.tensors import Header


class Source(NamedTuple):
    """A config.json and where it comes from."""

    raw: dict[str, Any]
    #: what the user gave, normalised: an id, with ``@revision`` when one was asked for, or a path; empty for a dict
    id: str
    #: catalogue, cache, hub, local, stdin, dict, or header where a file of weights is all there is
    source: str
    #: the commit where it is known, else the revision asked for
    revision: str | None = None
    notes: tuple[str, ...] = ()
    #: what the files' own headers state, where they were read
    header: Header | None = None
    #: elements of each dtype in the files as the Hub counts them, where it was asked
    counted: dict[str, int] | None = None

    def taken_as(self, model_type: str | None) -> "Source":
        """The same config read as another architecture, and a note that says so; None changes nothing."""
        if model_type is None:
            return self
        own = self.raw.get("model_type")
        note = f"taken as {model_type}, as asked; the config says {own!r}"
        return self._replace(
            raw={**self.raw, "model_type": model_type, "architectures": None}, notes=(*self.notes, note)
        )


def load(
    ref: str | dict[str, Any] | os.PathLike[str],
    *,
    revision: str | None = None,
    token: str | None = None,
    offline: bool = False,
    stdin: IO[Any] | None = None,
    headers: bool = False,
) -> Source:
    """Find and parse the config.json of a model.

    Args:
        ref: a config as a dict, a path (always a path when it is a ``PathLike``), "-" for standard input, or an id
            ("org/name", "name", either with "@revision"). A string that names an existing file or folder is a path.
        revision: branch, tag or commit; asking for one passes the catalogue by.
        token: a Hugging Face token; default: HF_TOKEN or the one logged in with.
        offline: never ask the Hub; HF_HUB_OFFLINE does the same.
        stdin: what "-" reads; default: ``sys.stdin``.
        headers: read those of a remote model's weights too, which passes the catalogue by; local ones always are.

    Raises:
        UsageError: a reference, revision or token of a wrong kind; "-" on a terminal.
        ModelNotFoundError: no such file, folder, model or revision, or no config.json in it.
        UnsupportedArchitectureError: a kind of file or repository that is not read (GGUF, safetensors, diffusers, ...).
        GatedModelError: the Hub wants a token or an accepted licence.
        SourceUnavailableError: the Hub cannot be reached, or may not be.
        ConfigError: what was found cannot be read or is not a JSON object.
    """
    if not isinstance(revision, str | None):
        raise UsageError(f"A revision is a word, not {type(revision).__name__}.", "Give a branch, tag or commit.")
    if isinstance(ref, dict):
        return Source(ref, "", "dict")
    if isinstance(ref, os.PathLike):
        return _local(os.fsdecode(ref), revision)
    if not isinstance(ref, str):
        raise UsageError(
            f"A model is an id, a path or a config as a dict, not {type(ref).__name__}.", "Give for instance org/name."
        )
    if ref == "-":
        from llmmem.sources.local import read_stdin

        return Source(read_stdin(stdin), "-", "stdin", None, _without(revision))
    if reference.is_path(ref):
        return _local(ref, revision)
    return _model(ref, revision, token, offline, headers)


def with_header(source: Source, *, token: str | None = None, offline: bool = False) -> Source:
    """The same source with the headers of its weights, where it is a repository whose files can be read.

    Raises:
        LlmmemError: they cannot be read, or there are none.
    """
    if source.header is not None or source.source not in ("hub", "cache"):
        return source
    from llmmem.sources import fetching, hub, place

    try:
        found = fetching.fetch(place.find(source.id, None), token, offline, headers=True)
    except SourceUnavailableError:
        if hub.forbidden(offline):
            return source
        raise
    return source._replace(header=found.header, notes=(*source.notes, *found.notes))


def _local(path: str, revision: str | None) -> Source:
    from llmmem.sources.local import read_path

    found = read_path(path)
    return Source(found.raw, str(PurePath(path)), found.source, None, (*_without(revision), *found.notes), found.header)


def _without(revision: str | None) -> tuple[str, ...]:
    """The note for a revision asked of what has none."""
    return () if revision is None else ("The revision is ignored: only a model on the Hub has one.",)


def _model(ref: str, revision: str | None, token: str | None, offline: bool, headers: bool) -> Source:
    from llmmem.sources import place

    where = place.find(ref, revision)
    if where == place.Place("hub", where.repo, where.revision):
        from llmmem.sources import cache, catalogue

        # The catalogue says nothing about revisions, and nothing about files.
        if where.revision is None and not headers and (entry := catalogue.find(where.repo)):
            return Source(entry[1], entry[0], "catalogue", None, entry[2])
        if cached := cache.find(where.repo, where.revision):
            from llmmem.sources.local import read_cached

            kept = read_cached(cached[0])
            if kept.header is not None or not headers:
                return Source(kept.raw, where.name, "cache", cached[1], kept.notes, kept.header)
    from llmmem.sources import fetching

    found = fetching.fetch(where, token, offline, headers)
    return Source(found.raw, where.name, found.source, found.revision, found.notes, found.header, found.counted)
