"""What a run of `cubemon recompute` has done so far, so that the next one goes on from there.

One file of JSON lines in the store's directory: a head that says what was asked, then one line a
device. A line that was half written when the run was killed is left out.
"""

import fcntl
import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from pydantic import TypeAdapter, ValidationError

from monitor.aggregate.recompute import Compared, Recomputed
from monitor.domain.levels import Level
from monitor.errors import ConfigError

FILE: Final = "recompute.journal"
_LONGEST: Final = 86_400
"""Seconds after which a stopped run is begun anew: what is stored has changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What is shown of one device."""

    device: str
    periods: int
    readings: int
    coarse: int
    """Periods that rest on minutes or hours, in whole or in part."""
    different: int
    recorded: bool
    """The differences were recorded as new versions."""
    shown: tuple[Compared, ...]


_DONE: Final = TypeAdapter(Done)


def done_of(found: Recomputed, *, whole: bool, recorded: bool) -> Done:
    """The differences of a device; `whole`: its equal periods too."""
    different = sum(not one.equal for one in found.periods)
    return Done(
        device=found.device,
        periods=len(found.periods),
        readings=found.readings,
        coarse=sum(one.level is not Level.SECONDS for one in found.periods),
        different=different,
        recorded=recorded,
        shown=tuple(one for one in found.periods if whole or not one.equal),
    )


class Journal:
    """The file; where the directory cannot be written there is none, and nothing is gone on with.

    Raises ConfigError where another run has it.
    """

    def __init__(self, directory: Path, key: str, *, fresh: bool) -> None:
        self.done: dict[str, Done] = {}
        """By device, of the run that is gone on with."""
        self.end: int | None = None
        """Up to where it measured."""
        self._key = hashlib.sha256(key.encode()).hexdigest()
        self._file = self._opened(directory / FILE)
        if self._file is not None and not fresh:
            self._read(self._file)

    def begin(self, end: int) -> None:
        """Write the head, unless an earlier run is gone on with."""
        if self.end is None and self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._line(json.dumps({"asked": self._key, "end": end, "at": time.time()}))

    def add(self, done: Done) -> None:
        """Note a device that is done."""
        self._line(_DONE.dump_json(done).decode())

    def finish(self) -> None:
        """All is done: the next run begins anew."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()

    def close(self) -> None:
        """Let another run have it."""
        if self._file is not None:
            self._file.close()

    @staticmethod
    def _opened(path: Path) -> TextIO | None:
        try:
            file = path.open("a+", encoding="utf-8")
        except OSError:
            return None
        path.chmod(0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise ConfigError(f"{path}: another recompute is at work on this store") from error
        return file

    def _read(self, file: TextIO) -> None:
        file.seek(0)
        head = file.readline()
        try:
            said = json.loads(head or "{}")
            if said.get("asked") != self._key or time.time() - said["at"] > _LONGEST:
                return
            self.end = int(said["end"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return
        self._read_done(file)

    def _read_done(self, file: TextIO) -> None:
        place = file.tell()
        while line := file.readline():
            try:
                done = _DONE.validate_json(line)
            except ValidationError:
                break
            self.done[done.device] = done
            place = file.tell()
        file.seek(place)
        file.truncate()

    def _line(self, text: str) -> None:
        if self._file is not None:
            self._file.write(f"{text}\n")
            self._file.flush()
