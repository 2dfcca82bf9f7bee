"""What it means when the Hub does not give the file: one sentence and the next step for every way that goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from llmmem.errors import GatedModelError, LlmmemError, ModelNotFoundError, SourceUnavailableError
from llmmem.sources import catalogue

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


class Asked(NamedTuple):
    """What was asked of whom."""

    repo: str
    revision: str | None
    #: the Hub as messages name it
    host: str
    #: the address of the model's page
    page: str
    #: whether a token went with it
    token: bool


def failure(host: str, error: BaseException) -> tuple[SourceUnavailableError, bool]:
    """What a request without an answer means, and whether that may pass.

    By the names of classes, because the library's HTTP client is requests, httpx or httpx2, each with its own.
    """
    names: set[str] = set()
    cause: BaseException | None = error
    for _ in range(20):
        if cause is None:
            break
        names |= {c.__name__ for c in type(cause).__mro__}
        cause = cause.__cause__ or cause.__context__
    hint = "Check the network; the catalogue, the local cache and a config.json work without it."
    if any(os.environ.get(v) or os.environ.get(v.lower()) for v in _PROXIES):
        hint = "A proxy is set: check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."
    passing = False
    if "ProxyError" in names:
        what = f"The proxy does not let us through to {host}"
    elif "SSLCertVerificationError" in names:
        what = f"The certificate of {host} is not one to trust"
        hint = "Behind a proxy that opens TLS, set SSL_CERT_FILE to the proxy's certificate."
    elif "gaierror" in names:
        what = f"The name of {host} does not resolve"
    elif "ConnectionRefusedError" in names:
        what = f"{host} refuses the connection"
    elif names & {"TimeoutException", "Timeout", "TimeoutError"}:
        what = f"{host} does not answer in time"
    elif names & {"ConnectError", "NewConnectionError"}:
        what = f"{host} cannot be reached"
    elif "TooManyRedirects" in names:
        what = f"{host} redirects in circles"
    elif names & {"NetworkError", "RemoteProtocolError", "ConnectionError", "ChunkedEncodingError"}:
        what, passing = f"{host} broke the connection off", True
    else:
        what = f"{host} cannot be asked ({type(error).__name__})"
    return SourceUnavailableError(f"{what}.", hint), passing


def refusal(asked: Asked, status: int, headers: Mapping[str, str]) -> LlmmemError:
    """The error for an answer that is not the file, by its status and the Hub's X-Error-Code."""
    repo, revision, host, page, token = asked
    code = headers.get("x-error-code", "")
    message = headers.get("x-error-message", "").lower()
    if code == "GatedRepo":
        hint = f"Ask for access at {page}, then pass --token or set HF_TOKEN."
        if token:
            hint = f"The token has no access yet: ask for it at {page} with the account of the token."
        return GatedModelError(f"{repo} is gated: its authors give it out on request.", hint)
    if code == "RevisionNotFound":
        return ModelNotFoundError(f"{repo} has no revision {revision or 'main'}.", f"See its revisions at {page}.")
    if token and status in (401, 403) and ("invalid" in message or "expired" in message):
        return GatedModelError(f"{host} does not accept the token.", "Make a new one, or unset HF_TOKEN and log out.")
    if "disabled" in message:
        return ModelNotFoundError(f"{host} has disabled {repo}.", f"See {page}.")
    if code == "RepoNotFound" or status == 404:
        hint = "Check the spelling; a private model needs --token or HF_TOKEN."
        if token:
            hint = "Check the spelling; if the model is private, the token has no access to it."
        what = f"no model {repo}" if token else f"no public model {repo}"
        return ModelNotFoundError(f"{host} has {what}.", catalogue.suggestion(repo) or hint)
    if status in (401, 403):
        hint = "Give a token that may." if token else "Pass --token or set HF_TOKEN."
        return GatedModelError(f"{host} does not let us read {repo}.", hint)
    if status == 407:
        return SourceUnavailableError("The proxy wants a user and a password.", "Put them into HTTPS_PROXY.")
    if status == 429:
        after = headers.get("retry-after", "").strip()
        when = f"in {after} seconds" if after.isdecimal() and len(after) < 6 else "later"
        more = "" if token else ", or with a token: its limit is higher"
        return SourceUnavailableError(f"{host} gets too many requests from here (429).", f"Try again {when}{more}.")
    return SourceUnavailableError(
        f"{host} answers with an error ({status}).", "Try again later, or give the model's config.json."
    )
