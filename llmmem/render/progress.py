"""One line on a terminal's stderr while something takes long, gone when it is over."""

from __future__ import annotations

import sys
from shutil import get_terminal_size


def show(text: str) -> None:
    """Show a line in place of the last one; an empty one wipes it away. Old Windows consoles know no escapes."""
    width = min(get_terminal_size().columns - 1, 100)
    sys.stderr.write(f"\r{text[:width]:<{width}}" + ("" if text else "\r"))
    sys.stderr.flush()
