"""A small Hub on 127.0.0.1 that the real huggingface_hub client can talk to.

It answers as the Hub does (``/api/models/...`` and ``/{id}/resolve/{revision}/{file}``, the X-* headers, the error
codes), fails in every way a test asks for, and writes down what it was asked.
"""

from __future__ import annotations

import hashlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

COMMIT = "c0ffee" + "0" * 34


@dataclass
class Repo:
    """A repository: its files, by revision where that matters."""

    files: dict[str, bytes] = field(default_factory=dict)
    commit: str = COMMIT
    revisions: tuple[str, ...] = ("main",)
    #: "": public; "gated": needs a token with access; "private": is not there without one
    access: str = ""
    #: the token that has access
    token: str = "hf_right"
    #: another address the files are served from (a CDN)
    storage: str = ""
    #: elements by dtype, as the Hub counts them in safetensors files
    counted: dict[str, int] = field(default_factory=dict)
    #: whether parts of files can be asked for
    ranges: bool = True
    #: the id it was renamed to
    moved: str = ""


@dataclass
class Fault:
    """One answer that is not what the Hub would say."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: seconds before the headers, and between the bytes of the body
    before: float = 0
    between: float = 0
    #: Content-Length of more than is sent: the connection then breaks off
    missing: int = 0
    #: no answer at all
    hang_up: bool = False


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization")


@dataclass
class Hub:
    """The server's state: what it holds, how it fails next, what it was asked."""

    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    #: given out one for each request, before anything else
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    #: tokens the Hub knows, beside those of the repositories
    tokens: set[str] = field(default_factory=lambda: {"hf_right", "hf_other"})

    def add(self, repo: str, config: Any = None, **kwargs: Any) -> Repo:
        """A repository with a config.json of this content (bytes as they are, all else as JSON; None: without)."""
        made = Repo(**kwargs)
        if config is not None:
            made.files["config.json"] = config if isinstance(config, bytes) else json.dumps(config).encode()
        self.repos[repo] = made
        return made


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_GET(self) -> None:
        self.hub.asked.append(Asked(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        if self.hub.faults:
            self._fail(self.hub.faults.pop(0))
        else:
            path = self.path.partition("?")[0].strip("/")
            self._route([unquote(part) for part in path.split("/")])

    do_HEAD = do_GET  # noqa: N815

    def _route(self, parts: list[str]) -> None:
        if parts[0] == "storage":
            return self._file("/".join(parts[3:]), self.hub.repos["/".join(parts[1:3])])
        if parts[:3] == ["api", "v1", "models"]:  # ModelScope
            repo = self.hub.repos.get("/".join(parts[3:5]))
            files = [{"Path": n, "Type": "blob"} for n in repo.files] if repo else []
            return self._send(200 if repo else 404, {}, json.dumps({"Data": {"Files": files}}).encode())
        if parts[0] == "models":
            repo = self.hub.repos.get("/".join(parts[1:3]))
            file = "/".join(parts[5:])
            return self._file(file, repo) if repo and file in repo.files else self._send(404, {})
        if parts[:2] == ["api", "models"]:
            at = parts.index("revision") if "revision" in parts else len(parts)
            return self._with("/".join(parts[2:at]), "/".join(parts[at + 1 :]) or "main", None)
        if "resolve" in parts:
            at = parts.index("resolve")
            return self._with("/".join(parts[:at]), parts[at + 1], "/".join(parts[at + 2 :]))
        return self._error(404, "", "Not Found")

    def _with(self, name: str, revision: str, file: str | None) -> None:
        repo = self.hub.repos.get(name)
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        known = token in self.hub.tokens
        if token and not known:
            return self._error(401, "", "Invalid credentials in Authorization header")
        if repo and repo.moved:
            return self._send(307, {"Location": self.path.replace(name, repo.moved)})
        if repo is None or (repo.access == "private" and token != repo.token):
            # Who is nobody does not learn whether it exists.
            if known:
                return self._error(404, "RepoNotFound", "Repository not found")
            return self._error(401, "RepoNotFound", "Invalid username or password.")
        if revision not in (*repo.revisions, repo.commit):
            return self._error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if file is None:
            siblings = [{"rfilename": n} for n in repo.files]
            info: dict[str, Any] = {"id": name, "sha": repo.commit, "siblings": siblings}
            if repo.counted:
                info["safetensors"] = {"parameters": repo.counted, "total": sum(repo.counted.values())}
            return self._send(200, {}, json.dumps(info).encode())
        if repo.access == "gated" and token != repo.token:
            message = f"Access to model {name} is restricted."
            return self._error(403 if token else 401, "GatedRepo", message)
        if file not in repo.files:
            return self._error(404, "EntryNotFound", "Entry not found", {"X-Repo-Commit": repo.commit})
        if repo.storage:
            headers = self._about(repo.files[file], repo)
            headers |= {"Location": f"{repo.storage}/storage/{name}/{file}", "X-Linked-Etag": headers["ETag"]}
            headers["X-Linked-Size"] = str(len(repo.files[file]))
            return self._send(302, headers)
        return self._file(file, repo)

    @staticmethod
    def _about(data: bytes, repo: Repo) -> dict[str, str]:
        etag = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
        return {"ETag": f'"{etag}"', "X-Repo-Commit": repo.commit, "Accept-Ranges": "bytes"}

    def _file(self, name: str, repo: Repo) -> None:
        data = repo.files[name]
        headers = self._about(data, repo)
        wanted = self.headers.get("range", "")
        if wanted.startswith("bytes=") and repo.ranges:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last or len(data) - 1), len(data) - 1)
            if start >= len(data):
                return self._send(416, {"Content-Range": f"bytes */{len(data)}"})
            headers["Content-Range"] = f"bytes {start}-{end}/{len(data)}"
            return self._send(206, headers, data[start : end + 1])
        return self._send(200, headers, data)

    def _error(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        headers = {"X-Error-Message": message, **(headers or {})}
        if code:
            headers["X-Error-Code"] = code
        self._send(status, headers, json.dumps({"error": message}).encode())

    def _fail(self, fault: Fault) -> None:
        time.sleep(fault.before)
        if fault.hang_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        self._send(fault.status, fault.headers, fault.body, fault.between, fault.missing)
        self.close_connection = True

    def _send(
        self, status: int, headers: dict[str, str], body: bytes = b"", between: float = 0, missing: int = 0
    ) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body) + missing), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            for piece in [body] if not between else [bytes([b]) for b in body]:
                self.wfile.write(piece)
                time.sleep(between)
        except OSError:  # the client gave up, as it should
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests read ``Hub.asked`` instead."""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # clients that give up are what some tests are about
            super().handle_error(request, client_address)


@contextmanager
def serve() -> Iterator[Hub]:
    """Run a Hub on a free port until the block ends."""
    hub = Hub()
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
