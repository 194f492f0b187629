"""Readings as JSON lines from a file or from standard input."""

import asyncio
import logging
import os
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, Field

from monitor.errors import CollectError, StoreError
from monitor.instrument import Instruments
from monitor.wire import Intake, ReadingLines, Receipt

logger = logging.getLogger(__name__)

_STANDARD_INPUT: Final = "-"
_LONGEST_LINE: Final = 1 << 16
"""Bytes of a line that are kept; the parser refuses far shorter ones, naming them."""
_PROGRESS_SECONDS: Final = 1.0
_REFUSED_SECONDS: Final = 5.0


class ReadingsConfig(BaseModel, extra="forbid", frozen=True):
    """One file of readings, `-` for standard input; read once to its end."""

    kind: Literal["readings"] = "readings"
    path: Path
    chunk_bytes: int = Field(default=1 << 18, ge=1 << 12, le=1 << 24)
    """Read, and committed, at a time."""

    def build(self, instruments: Instruments) -> "Readings":
        """The collector of this configuration."""
        del instruments  # The pipeline counts refusals, of whatever way in.
        return Readings(self)


class Readings:
    """Collector of one file; returns at its end."""

    def __init__(self, config: ReadingsConfig) -> None:
        self._path = config.path
        self._chunk = config.chunk_bytes
        standard = str(config.path) == _STANDARD_INPUT
        self._origin = "stdin" if standard else str(config.path)

    async def run(self, intake: Intake) -> None:
        """Hand on chunk after chunk, each after the commit of the one before.

        Raises CollectError where the file cannot be read.
        """
        file = self._open()
        progress = _Progress(self._origin, file)
        line = 1
        try:
            async for payload in _whole_lines(file, self._chunk):
                lines = ReadingLines(
                    origin=self._origin, received=time.time(), payload=payload, first_line=line
                )
                receipt = await _taken(intake, lines)
                line += payload.count(b"\n")
                progress.note(len(payload), receipt)
                self._name_refusals(receipt)
        except OSError as error:
            raise CollectError(f"cannot read {self._origin}: {error.strerror}") from error
        finally:
            progress.end()
            os.close(file)

    def _open(self) -> int:
        try:
            if self._origin == "stdin":
                return os.dup(sys.stdin.fileno())
            # Opening a FIFO must not wait for its writer; regular files take no notice.
            return os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise CollectError(f"cannot read {self._origin}: {error.strerror}") from error

    def _name_refusals(self, receipt: Receipt) -> None:
        for refusal in receipt.refusals:
            logger.warning("%s:%d: reading refused: %s", self._origin, refusal.line, refusal.reason)
        more = receipt.refused - len(receipt.refusals)
        if more > 0:
            logger.warning("%s: %d more readings refused", self._origin, more)


async def _taken(intake: Intake, lines: ReadingLines) -> Receipt:
    """Hand on until they are taken: a file can wait for the store."""
    while True:
        try:
            return await intake.readings(lines)
        except StoreError as error:
            logger.warning("trying again: %s", error)
            await asyncio.sleep(_REFUSED_SECONDS)


async def _whole_lines(file: int, size: int) -> AsyncIterator[bytes]:
    """Chunks of whole lines; what follows the last line end comes last."""
    rest = b""
    async for block in _blocks(file, size):
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            rest = block[end:]
        elif len(rest) < _LONGEST_LINE:
            rest += block
    if rest:
        yield rest


async def _blocks(file: int, size: int) -> AsyncIterator[bytes]:
    waits = _may_wait(file)
    while True:
        if waits:
            # A thread that waits for a pipe could not be cancelled.
            await _readable(file)
            block = os.read(file, size)
        else:
            block = await asyncio.to_thread(os.read, file, size)
        if not block:
            return
        yield block


def _may_wait(file: int) -> bool:
    mode = os.fstat(file).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(file)


async def _readable(file: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(file, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(file)


class _Progress:
    """A line about a long file on standard error, where a person watches."""

    def __init__(self, origin: str, file: int) -> None:
        self._origin = origin
        self._size = os.fstat(file).st_size
        self._shown_at = time.monotonic()
        self._read = 0
        self._accepted = 0
        self._refused = 0
        self._shown = False

    def note(self, read: int, receipt: Receipt) -> None:
        """Count a chunk; now and then say so."""
        self._read += read
        self._accepted += receipt.accepted
        self._refused += receipt.refused
        now = time.monotonic()
        if now - self._shown_at >= _PROGRESS_SECONDS and sys.stderr.isatty():
            self._shown_at = now
            self._shown = True
            sys.stderr.write(f"\r{self._line()}")
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line and log the sum."""
        if self._shown:
            sys.stderr.write("\n")
        logger.info("%s", self._line())

    def _line(self) -> str:
        share = f" ({100 * self._read // self._size} %)" if self._size else ""
        return (
            f"{self._origin}: {self._accepted} readings accepted, "
            f"{self._refused} refused, {self._read} bytes read{share}"
        )
