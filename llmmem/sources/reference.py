"""What a string means: a path or an id, and whether the id is one before it touches a disk or the network."""

from __future__ import annotations

import re
from pathlib import Path

from llmmem.errors import ModelNotFoundError, UsageError

LONGEST = 200

_PART = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?"
_ID = rf"(?:{_PART}/)?{_PART}"
# What git allows in the name of a branch or tag, without what a file system or a URL would read otherwise.
_REVISION = r"[^\s\\:?*\[\]~^/.\x00-\x1f\x7f-\x9f-][^\s\\:?*\[\]~^\x00-\x1f\x7f-\x9f]*"
_DRIVE = r"[A-Za-z]:"
_WEIGHTS = (".gguf", ".safetensors", ".bin", ".pt", ".pth")


def shown(text: str) -> str:
    """Text of a user or a server as it may stand in a message: short, and without what moves a terminal's cursor."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= LONGEST else clean[: LONGEST - 3] + "..."


def expand(text: str) -> Path:
    """A path with ``~`` filled in, where that names a home."""
    try:
        return Path(text).expanduser()
    except (RuntimeError, ValueError):
        return Path(text)


def is_there(path: Path) -> bool:
    """Whether a path names anything, a broken link included; False for what no path can be."""
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def is_path(text: str) -> bool:
    """Whether a string is a path: something is there, or nobody would write an id like this."""
    if text.strip() and is_there(expand(text)):  # an empty Path is the current folder
        return True
    if "://" in text or is_file_of(text):
        return False
    name = text.partition("@")[0]  # a revision may hold slashes: refs/pr/1
    if text.startswith((".", "/", "~")) or "\\" in name or re.match(_DRIVE, text):
        return True
    if name.count("/") > 1 or name.endswith("/") or text.lower().endswith(".json"):
        return True
    # Repositories are named like files of weights too, so a folder decides.
    return name.lower().endswith(_WEIGHTS) and Path(name).parent.is_dir()


def is_file_of(text: str) -> bool:
    """Whether a string names a file of weights in a repository: org/name/file.gguf, and no folder here is meant."""
    parts = text.partition("@")[0].split("/")
    if len(parts) < 3 or not text.lower().endswith(_WEIGHTS[:2]) or not is_id("/".join(parts[:2])):
        return False
    return ".." not in parts and "" not in parts and "\\" not in text and not Path(parts[0]).is_dir()


def is_id(text: str) -> bool:
    """Whether the Hub would accept a string as the id of a repository."""
    return len(text) <= LONGEST and bool(re.fullmatch(_ID, text)) and ".." not in text and "--" not in text


def split(text: str, revision: str | None) -> tuple[str, str | None]:
    """The parts of ``org/name[@revision]``, checked.

    Args:
        text: an id, with or without a revision.
        revision: one asked for beside it.

    Raises:
        ModelNotFoundError: not an id.
        UsageError: not a revision, or two that differ.
    """
    repo, at, inline = text.strip().partition("@")
    if not is_id(repo):
        hint = "An id looks like org/name or org/name@revision; a file is given by its path."
        if "://" in text:
            hint = "Give the model's id instead of an address: org/name."
        raise ModelNotFoundError(f"{shown(text.strip()) or 'Nothing'} is neither a file nor the id of a model.", hint)
    if at and revision is not None and inline != revision:
        raise UsageError(
            f"Two revisions of {repo} are asked for: {shown(inline)} and {shown(revision)}.", "Give one of them."
        )
    wanted = inline if at else revision
    if wanted is not None and not _is_revision(wanted):
        raise UsageError(
            f"{shown(wanted) or 'Nothing'} is not the name of a revision.", "Give a branch, a tag or a commit."
        )
    return repo, wanted


def _is_revision(name: str) -> bool:
    return len(name) <= LONGEST and ".." not in name and "//" not in name and bool(re.fullmatch(_REVISION, name))
