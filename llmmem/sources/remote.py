"""The files of a model that lies far away, asked for with as few questions as it takes, and kept for the next time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from llmmem.errors import ModelNotFoundError, SourceUnavailableError
from llmmem.sources import (
    catalogue,
    hub,
    hub_errors,
    jsonfile,
    kept,
    progress,
)
from llmmem.sources import place as places
from llmmem.sources.files import Files, Parse
from llmmem.sources.place import Place
from llmmem.sources.ranges import Ahead
from llmmem.sources.reference import shown
from llmmem.tensors import Header

#: questions asked at once
TOGETHER = 16


class Remote(Files):
    """The files of a repository, or of a folder of a web server.

    Args:
        token: as for ``hub.Client``; it goes to the Hub only.
        offline: do not ask.
    """

    def __init__(self, place: Place, token: str | None, offline: bool) -> None:
        self.place = place
        self.what = place.name
        self.revision = place.revision
        self.asked = False
        #: an answer was kept longer than it is fresh, and nobody could be asked again
        self.old = False
        self._info: dict[str, Any] | None = None
        self._forbidden = hub.forbidden(offline)
        if place.kind == "hub":
            self.client = hub.Client(token)
        else:
            endpoint = places.MODELSCOPE if place.kind == "modelscope" else place.repo
            self.client = hub.Client("", endpoint)

    def names(self) -> Sequence[str]:
        """Every file of the repository; of a web server's folder only the one that was named."""
        if self.place.kind == "web":
            return (self.place.file,)
        info = self.info()
        if self.place.kind == "modelscope":
            data = info.get("Data")
            listed, key = data.get("Files") if isinstance(data, dict) else None, "Path"
        else:
            listed, key = info.get("siblings"), "rfilename"
        rows = listed if isinstance(listed, list) else []
        return [f[key] for f in rows if isinstance(f, dict) and isinstance(f.get(key), str)]

    def info(self) -> dict[str, Any]:
        """What the server says about the repository.

        Raises:
            LlmmemError: it does not say.
        """
        if self._info is None:
            repo, revision = self.place.repo, quote(self.revision or "main", safe="")
            path = f"api/models/{repo}/revision/{revision}"
            if self.place.kind == "modelscope":
                revision = quote(self.revision or "master", safe="")
                path = f"api/v1/models/{repo}/repo/files?Revision={revision}&Recursive=true"
            self._info = jsonfile.parse(self._get(path), "The repository's list of files")
        return self._info

    def content(self, name: str) -> bytes:
        """A small file; a first answer tells the commit that all later questions are about."""
        return self._get(self._path(name))

    def headers(self, names: Sequence[str], parse: Parse) -> list[Header]:
        """The headers of files, asked for at once: mostly one question each."""
        if len(names) == 1:
            return [self._header(names[0], parse)]
        from concurrent.futures import ThreadPoolExecutor

        out: list[Header] = []
        pool = ThreadPoolExecutor(min(TOGETHER, len(names)))
        try:
            for header in pool.map(lambda name: self._header(name, parse), names):
                out.append(header)
                progress.say(f"{self.what}: {len(out):,} of {len(names):,} headers read")
        finally:  # after a failure or Ctrl-C what has not begun is not waited for
            pool.shutdown(wait=False, cancel_futures=True)
        return out

    def _header(self, name: str, parse: Parse) -> Header:
        path = self._path(name)
        address = f"header {self.client.endpoint}/{path}"
        if held := kept.load_header(address):
            return held

        def fetch(offset: int, length: int) -> tuple[bytes, int | None]:
            answer = self._ask(path, (offset, length))
            return answer.body, answer.size

        read = Ahead(fetch, shown(name))
        read(0, 1)
        header = parse(read, shown(name), read.size)
        kept.save_header(address, header)
        return header

    def _path(self, name: str) -> str:
        quoted = quote(name, safe="/%+~")
        if self.place.kind == "web":
            return quoted + (f"?{self.place.query}" if self.place.query and name == self.place.file else "")
        default = "master" if self.place.kind == "modelscope" else "main"
        scope = "models/" if self.place.kind == "modelscope" else ""
        return f"{scope}{self.place.repo}/resolve/{quote(self.revision or default, safe='')}/{quoted}"

    def _get(self, path: str) -> bytes:
        """The body of an answer, kept for the next time."""
        address = f"{self.client.endpoint}/{path}"
        value = kept.load(address)
        if value is None:
            try:
                answer = self._ask(path)
            except SourceUnavailableError:
                # What a branch held long ago is better than nothing.
                value = kept.load(address, stale=True)
                if value is None:
                    raise
                self.old = True
            else:
                text = answer.body.decode("utf-8", "surrogateescape")
                value = [answer.commit, text]
                if jsonfile.is_object(answer.body):
                    kept.save(address, value)
        commit, text = value
        if isinstance(commit, str) and self.place.kind == "hub":
            self.revision = commit
        return str(text).encode("utf-8", "surrogateescape")

    def _ask(self, path: str, span: tuple[int, int] | None = None) -> hub.Answer:
        """An answer with content.

        Raises:
            LlmmemError: there is none.
        """
        if self._forbidden:
            raise SourceUnavailableError(
                f"{self.what} is neither in the catalogue nor in the local cache, and {self._forbidden}.",
                catalogue.suggestion(self.place.repo) or "Allow the network, or give the model's config.json.",
            )
        self.asked = True
        progress.say(f"{self.what}: asking {self.client.host}")
        try:
            answer = self.client.get(path, span)
        except SourceUnavailableError as error:
            # A misspelt name of a model that needs no network is likelier than anything else.
            if self.place.kind == "hub" and (guess := catalogue.suggestion(self.place.repo)):
                error.hint = f"{guess} {error.hint}"
            raise
        if answer.status in (200, 206):
            return answer
        client, repo = self.client, self.place.repo
        page = client.page if self.place.kind == "web" else f"{client.page}/{repo}"
        if answer.headers.get("x-error-code") == "EntryNotFound" or (answer.status == 404 and self.place.kind != "hub"):
            raise MissingFileError(
                f"{self.what} has no file {shown(path.rpartition('/')[2])}.",
                f"See {shown(page)}, or check the spelling.",
            )
        repo = repo if self.place.kind == "hub" else self.what
        asked = hub_errors.Asked(repo, self.place.revision, client.host, page, bool(client.token))
        raise hub_errors.refusal(asked, answer.status, answer.headers)


class MissingFileError(ModelNotFoundError):
    """The repository is there, and the file is not."""
