"""Where a model that is not on this machine lies: an id, an id with a file or a quantisation, a web address."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from llmmem.errors import ModelNotFoundError, UsageError
from llmmem.sources import kinds, reference
from llmmem.sources.reference import shown

MODELSCOPE = "https://modelscope.cn"

_HUBS = ("huggingface.co", "www.huggingface.co", "hf.co", "hf-mirror.com")
_MODELSCOPES = ("modelscope.cn", "www.modelscope.cn", "modelscope.ai", "www.modelscope.ai")
_FILES = (".gguf", ".safetensors", ".json")
_VERBS = ("resolve", "blob", "raw", "tree")


class Place(NamedTuple):
    """A repository, or a folder of a web server."""

    #: hub, modelscope or web
    kind: str
    #: the id, or the address of the folder
    repo: str
    revision: str | None = None
    #: one file of it; empty: whatever it holds
    file: str = ""
    #: the last word of the name of a GGUF file, such as Q4_K_M
    variant: str = ""
    #: what follows the file in a web address
    query: str = ""

    @property
    def name(self) -> str:
        """As messages and reports show it."""
        if self.kind == "web":
            return shown(f"{self.repo.rpartition('@')[2].removeprefix('https://').removeprefix('http://')}/{self.file}")
        scope = "modelscope:" if self.kind == "modelscope" else ""
        revision = f"@{self.revision}" if self.revision else ""
        file = f"/{self.file}" if self.file and not self.file.endswith(".json") else ""
        return f"{scope}{self.repo}{file}{revision}" + (f":{self.variant}" if self.variant else "")


def find(text: str, revision: str | None) -> Place:
    """What a string that is no path means.

    Raises:
        ModelNotFoundError: nothing.
        UsageError: a revision that is none, or two that differ.
    """
    text = text.strip()
    if "://" in text:
        return _address(text, revision)
    kind = "hub"
    if text.lower().startswith("modelscope:"):
        kind, text = "modelscope", text[len("modelscope:") :]
    text, colon, variant = text.partition(":")
    if colon and not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", variant):
        raise ModelNotFoundError(
            f"{shown(f'{text}:{variant}')} is neither a file nor the id of a model.",
            "A GGUF file of a repository is named like org/name:Q4_K_M.",
        )
    file = ""
    if reference.is_file_of(text):
        parts = text.split("/")
        text, file = "/".join(parts[:2]), "/".join(parts[2:])
    repo, wanted = reference.split(text, revision)
    return Place(kind, repo, wanted, file, variant)


def _address(text: str, revision: str | None) -> Place:
    """A page of the Hub or of ModelScope, or a file on any server."""
    try:
        parts = urlsplit(text)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in ("http", "https") or any(ord(c) <= 32 or ord(c) == 127 for c in text):
        raise ModelNotFoundError(f"{shown(text)} is not a web address.", "Give a model's id: org/name, or its address.")
    steps = [unquote(step) for step in parts.path.split("/") if step]
    if host in _HUBS:
        return _page("hub", steps, revision, text)
    if host in _MODELSCOPES and steps[:1] == ["models"]:
        return _page("modelscope", steps[1:], revision, text)
    folder, _, file = parts.path.rpartition("/")
    if (kind := kinds.weights(file)) and not file.lower().endswith(_FILES):
        raise kinds.not_opened(shown(file), kind, "")
    if not file.lower().endswith(_FILES):
        raise ModelNotFoundError(
            f"{shown(text)} is no model that can be read.",
            "Give a model's id (org/name), or the address of a .gguf, .safetensors or config.json file.",
        )
    if revision is not None:
        raise UsageError("A web address has no revision.", "Leave --revision out.")
    return Place("web", urlunsplit((parts.scheme, parts.netloc, folder, "", "")), None, file, query=parts.query)


def _page(kind: str, steps: list[str], revision: str | None, text: str) -> Place:
    """The repository, revision and file that a page is about."""
    at = next((i for i, step in enumerate(steps[:3]) if step in _VERBS and i), None)
    repo, rest = ("/".join(steps[:2]), []) if at is None else ("/".join(steps[:at]), steps[at + 1 :])
    if not repo or repo.startswith(("datasets/", "spaces/", "api/")):
        raise ModelNotFoundError(f"{shown(text)} is not the page of a model.", "Give a model's id: org/name.")
    repo, wanted = reference.split(f"{repo}@{rest[0]}" if rest and rest[0] != "main" else repo, revision)
    file = "/".join(rest[1:]) if at is not None and steps[at] != "tree" else ""
    if ".." in file.split("/") or "\\" in file:
        raise ModelNotFoundError(f"{shown(text)} is not the page of a model.", "Give a model's id: org/name.")
    return Place(kind, repo, wanted, file)
