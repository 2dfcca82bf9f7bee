"""config.json from the Hugging Face Hub; the only module that imports huggingface_hub.

The library gives the HTTP session (proxies, certificates, a user's own client factory) and the token. Its downloader is
not used: it retries for minutes, sleeps as long as a server says, reads files of any size, and asks for other things
on the way. One request fetches the file here, and everything about it is bounded.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from llmmem.errors import ConfigError, LlmmemError, SourceUnavailableError, UsageError
from llmmem.sources import catalogue, hub_errors, jsonfile, kinds
from llmmem.sources.reference import shown

#: Seconds before each retry of what may pass: a connection that broke, a server error. Silence is not asked twice.
PAUSES = (0.5, 1.0)
#: Seconds to wait for a connection, and for data and the end of it, unless the library's own variables say otherwise.
TIMEOUTS = {"HF_HUB_ETAG_TIMEOUT": 10.0, "HF_HUB_DOWNLOAD_TIMEOUT": 10.0}


class _Client(NamedTuple):
    """What every request of one fetch shares."""

    session: Any
    endpoint: str
    token: str | None
    connect: float
    read: float

    @property
    def page(self) -> str:
        """The endpoint without a user and password in its address."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str:
        """The endpoint as messages name it."""
        return shown(self.page.partition("://")[2])


class _Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    #: the commit a Hub names on the first answer, also when that is a redirect
    commit: str | None
    #: empty unless the status is 200
    body: bytes = b""


def fetch(repo: str, revision: str | None, token: str | None, offline: bool) -> tuple[dict[str, Any], str | None]:
    """The config of a model on the Hub, and its commit.

    Args:
        repo: a checked id.
        revision: a checked branch, tag or commit; None is "main".
        token: None takes the one the library finds.
        offline: do not ask.

    Raises:
        SourceUnavailableError: offline, or the Hub cannot be reached, is broken or asks to wait.
        ModelNotFoundError: no such model or revision, or it has no config.json.
        UnsupportedArchitectureError: the repository holds another kind of model (GGUF, diffusers, ...).
        GatedModelError: a token or an accepted licence is needed, or the token is not valid.
        ConfigError: its config.json is not a JSON object.
        UsageError: the token or a HF_HUB_* variable makes no sense.
    """
    name = repo if revision is None else f"{repo}@{revision}"
    if reason := _offline(offline):
        raise SourceUnavailableError(
            f"{name} is neither in the catalogue nor in the local cache, and {reason}.",
            catalogue.suggestion(repo) or "Allow the network, or give the model's config.json.",
        )
    client = _connect(token)
    where = f"{repo}/resolve/{quote(revision or 'main', safe='')}/config.json"
    try:
        answer = _get(client, where)
    except SourceUnavailableError as error:
        # A misspelt name of a model that needs no network is likelier than anything else.
        if guess := catalogue.suggestion(repo):
            error.hint = f"{guess} {error.hint}"
        raise
    if answer.headers.get("x-error-code") == "EntryNotFound":
        raise _without_config(client, repo, revision)
    if answer.status != 200:
        asked = hub_errors.Asked(repo, revision, client.host, f"{client.page}/{repo}", bool(client.token))
        raise hub_errors.refusal(asked, answer.status, answer.headers)
    try:
        return jsonfile.parse(answer.body, f"config.json of {name}"), answer.commit
    except ConfigError as error:
        if answer.commit:
            raise
        raise SourceUnavailableError(
            f"{client.host} answered with something else than the Hub would: a login page or a wrong address?",
            "Check HF_ENDPOINT and the proxy.",
        ) from error


def _offline(asked: bool) -> str:
    """Why the network may not be used; empty when it may."""
    if asked:
        return "llmmem was told to stay offline"
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if value := os.environ.get(name):
            return f"{name} is set" if value.upper() in ("1", "ON", "YES", "TRUE") else ""
    return ""


def _connect(token: str | None) -> _Client:
    # The library reads these once, when it is imported, and dies of values that make no sense.
    connect, read = (_seconds(name, default) for name, default in TIMEOUTS.items())
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/")
    if endpoint and not _is_address(endpoint):
        raise UsageError("HF_ENDPOINT is not a web address.", "It looks like https://huggingface.co.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations of the user's environment are not our answer
        from huggingface_hub import constants, get_token
        from huggingface_hub.utils import get_session  # type: ignore[attr-defined, unused-ignore] # by version
    if constants.HF_HUB_OFFLINE:  # set by a program, or in an environment that has changed since
        raise SourceUnavailableError(
            "The Hub may not be asked: huggingface_hub is in offline mode.", "Give the model's config.json."
        )
    try:
        session = get_session()
        if not token and not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
            token = get_token()
    except Exception as error:  # a proxy variable or certificate file the HTTP client rejects, a refused login
        raise SourceUnavailableError(
            f"The Hub's client cannot start ({type(error).__name__}).",
            "Check the variables of proxy, certificates and login: HTTPS_PROXY, SSL_CERT_FILE, HF_*.",
        ) from error
    token = (token or "").strip() or None
    if token and not all("!" <= c <= "~" for c in token):
        raise UsageError("The token holds characters that no token has.", "Copy it again from the settings of the Hub.")
    return _Client(session, endpoint or constants.ENDPOINT, token, connect, read)


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        return False


def _seconds(name: str, default: float) -> float:
    value = os.environ.get(name)
    if value is None:
        return default
    if not value.strip().isdecimal():
        raise UsageError(f"{name} is {shown(value) or 'empty'}, which is not a whole number of seconds.", "Unset it.")
    return float(value) or default


def _get(client: _Client, path: str) -> _Answer:
    """Ask for a path below the endpoint, again where that may help.

    Raises:
        SourceUnavailableError: no answer.
        ConfigError: an answer that is too large.
    """
    pauses = iter(PAUSES)
    while True:
        pause = next(pauses, None)
        try:
            answer = _once(client, path)
            if answer.status not in (500, 502, 503, 504) or pause is None:
                return answer
        except LlmmemError:
            raise
        except Exception as error:  # the HTTP client's own, and it depends on the version of the library
            failure, passing = hub_errors.failure(client.host, error)
            if not passing or pause is None:
                raise failure from error
        time.sleep(pause)


def _once(client: _Client, path: str) -> _Answer:
    headers = {"user-agent": "llmmem", "accept-encoding": "identity"}
    if client.token:
        headers["authorization"] = f"Bearer {client.token}"
    with _stream(client, f"{client.endpoint}/{path}", headers) as (response, chunks):
        commits = (r.headers.get("x-repo-commit") for r in (*response.history, response))
        answer = _Answer(response.status_code, response.headers, next((c for c in commits if c), None))
        if answer.status != 200:
            return answer
        body = bytearray()
        end = time.monotonic() + client.read
        for chunk in chunks:
            body += chunk
            if len(body) > jsonfile.LARGEST:
                raise jsonfile.too_large(f"{client.host}'s {path}")
            if time.monotonic() > end:  # a server that drips never runs into the timeout of one read
                raise TimeoutError
        return answer._replace(body=bytes(body))


@contextmanager
def _stream(client: _Client, url: str, headers: dict[str, str]) -> Iterator[tuple[Any, Iterable[bytes]]]:
    """A GET that follows redirects (both clients drop the token on the way to another host), read as it arrives."""
    if hasattr(client.session, "mount"):  # requests, before huggingface_hub 1.0
        timeout = (client.connect, client.read)
        with closing(client.session.get(url, headers=headers, timeout=timeout, stream=True)) as response:
            yield response, response.iter_content(1024)
    else:
        limits = (client.connect, client.read, client.read, client.connect)
        with client.session.stream("GET", url, headers=headers, timeout=limits, follow_redirects=True) as response:
            yield response, response.iter_bytes()


def _without_config(client: _Client, repo: str, revision: str | None) -> LlmmemError:
    """The error for a repository without config.json, by the files it lists."""
    what = "The repository's list of files"
    try:
        answer = _get(client, f"api/models/{repo}/revision/{quote(revision or 'main', safe='')}")
        files = jsonfile.parse(answer.body, what).get("siblings")
    except LlmmemError:  # the first answer is enough to say
        files = None
    names = [f["rfilename"] for f in files or () if isinstance(f, dict) and isinstance(f.get("rfilename"), str)]
    return kinds.without_config(repo, map(shown, names))
