"""Messages of one TCP connection (RFC 6587), whatever pieces its bytes come in.

Octet counting (`13 <189>message`) and lines ended by LF, CRLF or NUL are told apart by the first
message: digits, a blank and `<` are a count, anything else is a line.
"""

import re
from enum import Enum, auto
from typing import Final

_FILL: Final = b"\r\n\0 "
_FILLING: Final = re.compile(rb"[\r\n\0 ]+")
_COUNT: Final = re.compile(rb"[1-9][0-9]{0,6} ")
_LARGEST_COUNT: Final = 1 << 20
"""Larger counts are no syslog; the connection cannot be read on."""
_COUNT_BEGUN: Final = re.compile(rb"[1-9][0-9]{0,6}\Z")
_UNDECIDED: Final = re.compile(rb"[0-9]{1,10} ?\Z")
_COUNTED: Final = re.compile(rb"[0-9]{1,10} <")
_LINE_END: Final = re.compile(rb"[\n\0]")


class Framing(Enum):
    """How a connection separates its messages."""

    UNKNOWN = auto()
    COUNTED = auto()
    LINES = auto()
    BROKEN = auto()
    """A count that cannot be true: nothing after it can be told apart."""


class Decoder:
    """Cuts one connection's bytes into messages; keeps at most one unfinished message."""

    __slots__ = ("_inside_cut_line", "_longest", "_rest", "_skip", "cut", "framing")

    def __init__(self, *, longest: int) -> None:
        self.framing = Framing.UNKNOWN
        self.cut = 0
        """Messages cut to `longest` bytes, or left unfinished at the end."""
        self._longest = longest
        self._rest = b""
        self._skip = 0
        self._inside_cut_line = False

    @property
    def unfinished(self) -> bool:
        """True while a message has begun and not ended."""
        return bool(self._rest) or self._skip > 0 or self._inside_cut_line

    def feed(self, data: bytes) -> list[bytes]:
        """Messages that `data` completes, in order; empty ones are left out."""
        block = self._rest + data if self._rest else data
        self._rest = b""
        if self.framing is Framing.UNKNOWN:
            block = block.lstrip(_FILL)
            self.framing = _framing(block)
        match self.framing:
            case Framing.UNKNOWN:
                self._rest = block
                return []
            case Framing.LINES:
                return self._lines(block)
            case Framing.COUNTED:
                return self._counted(block)
            case Framing.BROKEN:
                return []

    def end(self) -> list[bytes]:
        """The last message where the connection ended without finishing it."""
        rest, self._rest = self._rest, b""
        if self.framing is Framing.COUNTED:
            message = self._unfinished_count(rest)
        else:
            message = self._shortened(rest.removesuffix(b"\r"))
        return [message] if message else []

    def _lines(self, block: bytes) -> list[bytes]:
        if b"\0" in block:
            block = block.replace(b"\0", b"\n")
        lines = block.split(b"\n")
        rest = lines.pop()
        if self._inside_cut_line:
            if not lines:
                return []
            del lines[0]
            self._inside_cut_line = False
        if b"\r" in block:
            lines = [line.removesuffix(b"\r") for line in lines]
        if len(block) > self._longest:
            lines = [self._shortened(line) for line in lines]
        messages = [line for line in lines if line]
        self._keep_line(rest, messages)
        return messages

    def _keep_line(self, rest: bytes, messages: list[bytes]) -> None:
        # One byte over is still open: it may be the CR of a line that just fits.
        if len(rest) > self._longest + 1:
            messages.append(self._shortened(rest))
            self._inside_cut_line = True
        else:
            self._rest = rest

    def _counted(self, block: bytes) -> list[bytes]:
        messages: list[bytes] = []
        at: int | None = self._skipped(block)
        while at is not None:
            at = self._next_counted(block, at, messages)
        return [ended for message in messages if (ended := _ended(message))]

    def _skipped(self, block: bytes) -> int:
        skipped = min(self._skip, len(block))
        self._skip -= skipped
        return skipped

    def _next_counted(self, block: bytes, at: int, messages: list[bytes]) -> int | None:
        """Where the message after the one at `at` begins; None where the block has no more."""
        at = _after_fill(block, at)
        count = _COUNT.match(block, at)
        if count is None:
            return self._without_count(block, at, messages)
        size = int(count[0])
        if size > _LARGEST_COUNT:
            self.framing = Framing.BROKEN
            return None
        start, stop = count.end(), count.end() + size
        kept = min(size, self._longest)
        if start + kept > len(block):
            self._rest = block[at:]
            return None
        messages.append(block[start : start + kept])
        self.cut += size > kept
        self._skip = max(0, stop - len(block))
        return None if self._skip else stop

    def _without_count(self, block: bytes, at: int, messages: list[bytes]) -> int | None:
        """A line between counted messages, the start of a count, or neither."""
        if at == len(block) or _COUNT_BEGUN.match(block, at):
            self._rest = block[at:]
            return None
        if block[at : at + 1].isdigit():
            self.framing = Framing.BROKEN
            return None
        end = _LINE_END.search(block, at)
        if (end.start() if end else len(block)) - at > self._longest:
            self.framing = Framing.BROKEN
            return None
        if end is None:
            self._rest = block[at:]
            return None
        messages.append(block[at : end.start()])
        return end.end()

    def _unfinished_count(self, rest: bytes) -> bytes:
        count = _COUNT.match(rest)
        if count is None:
            # A line that only lacks its end is whole; a mere count is nothing.
            return b"" if rest.isdigit() else _ended(rest)
        message = _ended(rest[count.end() :])
        self.cut += bool(message)
        return message

    def _shortened(self, line: bytes) -> bytes:
        if len(line) <= self._longest:
            return line
        self.cut += 1
        return line[: self._longest]


def _framing(block: bytes) -> Framing:
    if not block or _UNDECIDED.match(block):
        return Framing.UNKNOWN
    return Framing.COUNTED if _COUNTED.match(block) else Framing.LINES


def _after_fill(block: bytes, at: int) -> int:
    fill = _FILLING.match(block, at)
    return fill.end() if fill else at


def _ended(message: bytes) -> bytes:
    return message.rstrip(b"\r\n\0")
