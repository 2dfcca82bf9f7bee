"""``read(offset, length)``: bytes out of a file here or far away, as the parsers of headers take them."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from llmmem.errors import ConfigError
from llmmem.sources import jsonfile
from llmmem.sources.reference import shown

#: ``read(offset, length)``: so many bytes from there, fewer only where the file ends
Read = Callable[[int, int], bytes]

#: Bytes asked for at first, and at most beyond what is wanted: nearly every header of a shard fits into the first.
FIRST = 256 << 10
MOST = 4 << 20
#: No header is longer: beyond this a file is something else. (GGUF files carry their vocabulary, some 10 MB.)
LONGEST = 96 << 20


class Ahead:
    """Reads in growing pieces of what is asked for one after another, so that a header takes few requests.

    Args:
        fetch: ``fetch(offset, length)``: the bytes there, fewer only at the end, and the size of the whole if known.
        what: the file's name, for messages.
    """

    def __init__(self, fetch: Callable[[int, int], tuple[bytes, int | None]], what: str) -> None:
        self._fetch = fetch
        self._what = what
        self._start = 0
        self._held = bytearray()
        self._step = FIRST
        #: bytes of the whole file, once an answer has said so
        self.size: int | None = None

    def __call__(self, offset: int, length: int) -> bytes:
        """The bytes there, fewer where the file ends.

        Raises:
            ConfigError: more than any header has.
        """
        if not self._start <= offset <= self._start + len(self._held):
            self._start, self._held = offset, bytearray()
        first = offset - self._start
        if first + length > LONGEST:
            raise ConfigError(
                f"The header of {self._what} is larger than {LONGEST >> 20} MB.", "Give the file of a model."
            )
        while (missing := first + length - len(self._held)) > 0:
            at = self._start + len(self._held)
            if self.size is not None and at >= self.size:
                break
            wanted = max(missing, self._step)
            self._step = min(2 * self._step, MOST)
            piece, size = self._fetch(at, wanted)
            self.size = self.size if size is None else size
            self._held += piece
            if len(piece) < wanted and self.size is None:
                self.size = at + len(piece)
            elif not piece:
                break
        return bytes(self._held[first : first + length])


@contextmanager
def local(path: Path) -> Iterator[tuple[Read, int]]:
    """The ``read`` of a local file, and its size.

    Raises:
        ConfigError: it cannot be opened, or is no regular file.
    """
    what = shown(str(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ConfigError(f"{what} is not a regular file.", "Give the file of a model.")
        with path.open("rb") as file:
            size = path.stat().st_size

            def read(offset: int, length: int) -> bytes:
                if min(length, size - offset) > LONGEST:
                    raise ConfigError(
                        f"The header of {what} is larger than {LONGEST >> 20} MB.", "Give the file of a model."
                    )
                file.seek(min(offset, size))
                return file.read(max(0, min(length, size - offset)))

            yield read, size
    except OSError as error:
        raise jsonfile.unreadable(what, error) from error
