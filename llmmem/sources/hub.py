"""Questions to a Hub, or to any web server; the only module that imports huggingface_hub.

The library gives the HTTP session (proxies, certificates, a user's own client factory) and the token. Its downloader is
not used: it retries for minutes, sleeps as long as a server says, reads files of any size, and asks for other things
on the way. One request fetches one thing here, and everything about it is bounded.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from llmmem.errors import LlmmemError, SourceUnavailableError, UsageError
from llmmem.sources import hub_errors, jsonfile
from llmmem.sources.reference import shown

#: Seconds before each retry of what may pass: a connection that broke, a server error. Silence is not asked twice.
PAUSES = (0.5, 1.0)
#: Seconds to wait for a connection, and for data and the end of it, unless the library's own variables say otherwise.
TIMEOUTS = {"HF_HUB_ETAG_TIMEOUT": 10.0, "HF_HUB_DOWNLOAD_TIMEOUT": 10.0}
#: Bytes a second that a large answer may take beyond that.
SLOWEST = 50_000

HUB = "https://huggingface.co"


class Answer(NamedTuple):
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    #: the commit a Hub names on the first answer, also when that is a redirect
    commit: str | None
    #: empty unless the status is 200 or 206
    body: bytes = b""

    @property
    def size(self) -> int | None:
        """Bytes of the whole file, where a part of it was asked for."""
        total = self.headers.get("content-range", "").rpartition("/")[2]
        return int(total) if total.isdecimal() and len(total) < 18 else None


class Client:
    """A server and how it is asked; connected when the first question is.

    Args:
        token: None takes the one the library finds; "" takes none.
        endpoint: None is the Hub, or the mirror that HF_ENDPOINT names.

    Raises (on construction):
        UsageError: HF_ENDPOINT is no address.
    """

    def __init__(self, token: str | None = None, endpoint: str | None = None) -> None:
        self.endpoint = hub_endpoint() if endpoint is None else endpoint
        self._given = token
        self._session: Any = None
        self.token: str | None = None

    @property
    def page(self) -> str:
        """The endpoint without a user and password in its address."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @property
    def host(self) -> str:
        """The endpoint as messages name it."""
        return shown(self.page.partition("://")[2].rstrip("/"))

    def connect(self) -> None:
        """Get a session and a token from the library; the second time there is nothing to do.

        Raises:
            SourceUnavailableError: the library may not or cannot.
            UsageError: the token or a variable of the library makes no sense.
        """
        if self._session is not None:
            return
        # The library reads these once, when it is imported, and dies of values that make no sense.
        self.connecting, self.reading = (_seconds(name, default) for name, default in TIMEOUTS.items())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # deprecations of the user's environment are not our answer
            from huggingface_hub import constants, get_token
            from huggingface_hub.utils import get_session  # type: ignore[attr-defined, unused-ignore] # by version
        if constants.HF_HUB_OFFLINE:  # set by a program, or in an environment that has changed since
            raise SourceUnavailableError(
                "The Hub may not be asked: huggingface_hub is in offline mode.", "Give the model's config.json."
            )
        token = self._given
        try:
            session = get_session()
            if token is None and not constants.HF_HUB_DISABLE_IMPLICIT_TOKEN:
                token = get_token()
        except Exception as error:  # a proxy variable or certificate file the HTTP client rejects, a refused login
            raise SourceUnavailableError(
                f"The Hub's client cannot start ({type(error).__name__}).",
                "Check the variables of proxy, certificates and login: HTTPS_PROXY, SSL_CERT_FILE, HF_*.",
            ) from error
        token = (token or "").strip() or None
        if token and not all("!" <= c <= "~" for c in token):
            raise UsageError(
                "The token holds characters that no token has.", "Copy it again from the settings of the Hub."
            )
        self.token, self._session = token, session

    def get(self, path: str, span: tuple[int, int] | None = None) -> Answer:
        """Ask for a path below the endpoint, again where that may help.

        Args:
            span: offset and length of the part that is wanted.

        Raises:
            SourceUnavailableError: no answer.
            ConfigError: an answer that is too large.
            UsageError: as ``connect``.
        """
        self.connect()
        pauses = iter(PAUSES)
        while True:
            pause = next(pauses, None)
            try:
                answer = self._once(path, span)
                if answer.status not in (500, 502, 503, 504) or pause is None:
                    return answer
            except LlmmemError:
                raise
            except Exception as error:  # the HTTP client's own, and it depends on the version of the library
                failure, passing = hub_errors.failure(self.host, error)
                if not passing or pause is None:
                    raise failure from error
            time.sleep(pause)

    def _once(self, path: str, span: tuple[int, int] | None) -> Answer:
        headers = {"user-agent": "llmmem", "accept-encoding": "identity"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        first, length = span or (0, jsonfile.LARGEST + 1)
        if span:
            headers["range"] = f"bytes={first}-{first + length - 1}"
        with self._stream(f"{self.endpoint}/{path}", headers) as (response, chunks):
            commits = (r.headers.get("x-repo-commit") for r in (*response.history, response))
            answer = Answer(response.status_code, response.headers, next((c for c in commits if c), None))
            if answer.status == 416:  # nothing lies there: the file is shorter
                return answer._replace(status=206)
            if answer.status not in ((200, 206) if span else (200,)):
                return answer
            skip = first if answer.status == 200 else 0  # a server that knows no parts sends the whole
            body = _read(chunks, skip + length, self.reading)
            if not span and len(body) > jsonfile.LARGEST:
                raise jsonfile.too_large(f"{self.host}'s {shown(path)}")
            return answer._replace(body=body[skip : skip + length])

    @contextmanager
    def _stream(self, url: str, headers: dict[str, str]) -> Iterator[tuple[Any, Iterable[bytes]]]:
        """A GET that follows redirects (both clients drop the token on the way to another host), read as it arrives."""
        if hasattr(self._session, "mount"):  # requests, before huggingface_hub 1.0
            timeout = (self.connecting, self.reading)
            with closing(self._session.get(url, headers=headers, timeout=timeout, stream=True)) as response:
                yield response, response.iter_content(1024)
        else:
            limits = (self.connecting, self.reading, self.reading, self.connecting)
            with self._session.stream("GET", url, headers=headers, timeout=limits, follow_redirects=True) as response:
                yield response, response.iter_bytes()


def _read(chunks: Iterable[bytes], most: int, seconds: float) -> bytes:
    body = bytearray()
    start = time.monotonic()
    for chunk in chunks:
        body += chunk
        if len(body) >= most:
            break
        # A server that drips never runs into the timeout of one read.
        if time.monotonic() - start > seconds + len(body) / SLOWEST:
            raise TimeoutError
    return bytes(body)


def forbidden(asked: bool) -> str:
    """Why the network may not be used; empty when it may."""
    if asked:
        return "llmmem was told to stay offline"
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if value := os.environ.get(name):
            return f"{name} is set" if value.upper() in ("1", "ON", "YES", "TRUE") else ""
    return ""


def hub_endpoint() -> str:
    """The Hub's address, or that of the mirror in HF_ENDPOINT.

    Raises:
        UsageError: it is none.
    """
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/")
    if endpoint and not is_address(endpoint):
        raise UsageError("HF_ENDPOINT is not a web address.", "It looks like https://huggingface.co.")
    return endpoint or HUB


def is_address(text: str) -> bool:
    """Whether a string is a web address."""
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
