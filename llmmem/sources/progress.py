"""Who wants to know that something takes long: what reads from far away says so here, and printing is for others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

#: seconds that pass in silence
PATIENCE = 1.0

#: called with a line to show, and at the end with an empty one; None: nobody watches
watcher: Callable[[str], None] | None = None

_text = ""
_late = False


@contextmanager
def watched() -> Iterator[None]:
    """Around what may take long: the watcher hears of it once it has taken longer than ``PATIENCE``."""
    global _late, _text
    _text = ""
    if watcher is None:
        yield
        return
    from threading import Timer

    timer = Timer(PATIENCE, _too_long)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if _late:
            watcher("")
        _late = False


def say(text: str) -> None:
    """How far it is."""
    global _text
    _text = text
    if _late and watcher is not None:
        watcher(text)


def _too_long() -> None:
    global _late
    _late = True
    if _text:
        say(_text)
