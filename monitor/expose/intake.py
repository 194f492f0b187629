"""Cuts an upload of JSON lines into blocks of whole lines, in bounded memory."""

from collections.abc import Iterator
from typing import Final, NamedTuple

BLOCK: Final = 1 << 20
LONGEST_LINE: Final = 64 << 10


class Block(NamedTuple):
    """Whole lines; `first_line` counts from 1. `too_long` stands for one line left out."""

    first_line: int
    payload: bytes
    too_long: bool = False


class Blocks:
    """Feed it what arrives; what comes back is handed on before more is read.

    A line longer than `LONGEST_LINE` is left out and reported; the lines after it go on.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._line = 1
        self._skipping = False

    def feed(self, piece: bytes) -> Iterator[Block]:
        """Blocks that are complete with this piece."""
        if self._skipping:
            piece = self._skip(piece)
        self._rest += piece
        if len(self._rest) >= BLOCK:
            yield from self._cut(self._rest.rfind(b"\n") + 1)
        if len(self._rest) - (self._rest.rfind(b"\n") + 1) > LONGEST_LINE:
            yield from self._drop_tail()

    def end(self) -> Iterator[Block]:
        """What is left when the upload is over; its last line may lack the newline."""
        yield from self._cut(len(self._rest))

    def _cut(self, size: int) -> Iterator[Block]:
        if not size:
            return
        payload = bytes(self._rest[:size])
        del self._rest[:size]
        first, self._line = self._line, self._line + payload.count(b"\n")
        yield Block(first, payload)

    def _drop_tail(self) -> Iterator[Block]:
        yield from self._cut(self._rest.rfind(b"\n") + 1)
        yield Block(self._line, b"", too_long=True)
        self._rest.clear()
        self._line += 1
        self._skipping = True

    def _skip(self, piece: bytes) -> bytes:
        _, newline, after = piece.partition(b"\n")
        self._skipping = not newline
        return after
