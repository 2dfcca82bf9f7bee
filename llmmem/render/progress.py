"""One line on a terminal's stderr while something takes long, gone when it is over."""

from __future__ import annotations

import sys


def show(text: str) -> None:
    """Show a line in place of the last one; an empty one wipes it away."""
    sys.stderr.write(f"\r\x1b[K{text[:100]}")
    sys.stderr.flush()
