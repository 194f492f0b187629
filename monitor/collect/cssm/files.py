"""Takes exports out of a folder: each once, when it is complete, by what it holds."""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from monitor.collect.clock import Clock, SystemClock
from monitor.collect.cssm.config import CssmFilesConfig
from monitor.errors import CollectError
from monitor.wire import CssmInventory, Intake

logger = logging.getLogger(__name__)

LARGEST_FILE: Final = 32 << 20
_MOST_FILES: Final = 10_000
_MOST_REMEMBERED: Final = 20_000
_SUFFIXES: Final = frozenset({".csv", ".json", ".txt"})


@dataclass(frozen=True, slots=True)
class _Look:
    """What tells a file that changed from one that did not."""

    size: int
    modified: int
    """Nanoseconds since 1970."""


class CssmFiles:
    """Looks into a folder until cancelled; `memory` is the file that remembers over restarts.

    A memory that is lost costs nothing but work: the same export again changes nothing.
    """

    def __init__(
        self, config: CssmFilesConfig, memory: Path, *, clock: Clock | None = None
    ) -> None:
        self._config = config
        self._memory = memory
        self._clock = SystemClock() if clock is None else clock
        self._before: dict[str, _Look] = {}
        self._done: dict[str, _Look] = {}
        self._digests = dict.fromkeys(_remembered(memory))

    async def run(self, intake: Intake) -> None:
        """Look until cancelled; raises CollectError where the folder cannot be read."""
        while True:
            await self.look(intake)
            await self._clock.sleep(self._config.interval)

    async def look(self, intake: Intake) -> int:
        """Look once; how many files were handed on."""
        found = await asyncio.to_thread(self._found)
        # A file that still grows is left for the next look.
        still = [name for name, look in found.items() if self._before.get(name) == look]
        self._before = found
        self._done = {name: look for name, look in self._done.items() if name in found}
        taken = 0
        for name in sorted(still, key=lambda one: found[one].modified):
            if self._done.get(name) != found[name]:
                taken += await self._take(name, found[name], intake)
                self._done[name] = found[name]
        return taken

    def _found(self) -> dict[str, _Look]:
        try:
            return dict(self._plain())
        except OSError as error:
            reason = f"{self._config.directory} cannot be read: {error.strerror}"
            raise CollectError(reason) from error

    def _plain(self) -> Iterator[tuple[str, _Look]]:
        with os.scandir(self._config.directory) as entries:
            for number, entry in enumerate(entries):
                if number >= _MOST_FILES:
                    logger.warning("%s: more than %d files", self._config.directory, _MOST_FILES)
                    return
                wanted = Path(entry.name).suffix.lower() in _SUFFIXES
                if (
                    wanted
                    and not entry.name.startswith(".")
                    and entry.is_file(follow_symlinks=False)
                ):
                    status = entry.stat(follow_symlinks=False)
                    yield entry.name, _Look(status.st_size, status.st_mtime_ns)

    async def _take(self, name: str, look: _Look, intake: Intake) -> int:
        path = self._config.directory / name
        try:
            payload = await asyncio.to_thread(_read, path)
        except OSError as error:
            logger.warning("%s cannot be read: %s", path, error.strerror)
            return 0
        digest = hashlib.sha256(payload).hexdigest()
        taken = 0
        if digest not in self._digests:
            receipt = await intake.cssm([self._inventory(path, look, payload)])
            logger.info("%s: %d rows taken, %d not", path, receipt.accepted, receipt.refused)
            await asyncio.to_thread(self._remember, digest)
            taken = 1
        if self._config.done is not None:
            await asyncio.to_thread(_move, path, self._config.done)
        return taken

    def _inventory(self, path: Path, look: _Look, payload: bytes) -> CssmInventory:
        now = self._clock.now()
        return CssmInventory(
            origin=str(path),
            received=now,
            effective=min(now, look.modified / 1e9),
            payload=payload,
            account=self._config.account,
            smart_account=self._config.smart_account,
        )

    def _remember(self, digest: str) -> None:
        self._digests[digest] = None
        kept = list(self._digests)[-_MOST_REMEMBERED:]
        fresh = self._memory.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(kept), encoding="utf-8")
            fresh.replace(self._memory)
        except OSError as error:
            logger.warning("%s cannot be written: %s", self._memory, error.strerror)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LARGEST_FILE + 1)


def _move(path: Path, into: Path) -> None:
    try:
        into.mkdir(parents=True, exist_ok=True)
        path.replace(into / path.name)
    except OSError as error:
        logger.warning("%s cannot be moved: %s", path, error.strerror)


def _remembered(memory: Path) -> list[str]:
    try:
        said = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [one for one in said if isinstance(one, str)] if isinstance(said, list) else []
