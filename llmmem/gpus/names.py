"""The words by which names of accelerators are compared."""

from __future__ import annotations

import re

# Words that people and tools put into a name or leave out.
_OPTIONAL = {"nvidia", "amd", "intel", "apple", "google", "aws", "huawei"}
_OPTIONAL |= {"geforce", "tesla", "jetson", "radeon", "instinct", "gtx", "rtx", "rx", "blackwell"}
_OPTIONAL |= {"gpu", "graphics", "generation", "edition", "oam"}
# Patterns are compiled when first used: most commands look nothing up.
_MARKS = r"\((?:r|tm)\)"
_SIZE = r"\b([0-9]+) ?g(?:i?b)?\b"
_WORD = r"(?:\b(?:gtx|rtx|rx))?([a-z0-9]+)"


def words(name: str) -> list[str]:
    """The words names are compared by: "NVIDIA RTX4090 24 GB" is 4090, 24gb."""
    text = re.sub(_SIZE, r"\1gb", re.sub(_MARKS, " ", name.lower()))
    return [word for word in re.findall(_WORD, text) if word not in _OPTIONAL]


def keys(parts: list[str]) -> tuple[str, str]:
    """Run together, so that spaces do not matter; and in alphabetical order, so that their order does not."""
    return "".join(parts), " ".join(sorted(parts))
