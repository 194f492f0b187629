"""Which devices were declared last, kept beside the store: to notice at a start who was renamed."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from monitor.app.build import Parts
from monitor.config import Config
from monitor.config.renaming import Names, Renamed, names_of, renamed
from monitor.domain.records import Batch
from monitor.pipeline.instances import event
from monitor.pipeline.presence import OWN

logger = logging.getLogger(__name__)

FILE: Final = "declared.json"
_LARGEST: Final = 16 << 20


def noticed(config: Config, has_history: Callable[[str], bool]) -> Sequence[Renamed]:
    """Devices that look renamed since a monitor last took a file into use with this store."""
    return list(renamed(_read(config.store.directory), names_of(config), has_history))


async def took(parts: Parts, before: Sequence[Renamed], now: float) -> None:
    """Say what looks renamed now that a configuration is in use, and remember its devices."""
    for one in before:
        logger.warning("%s", one)
    said = [
        event(one.after, OWN, now, str(one), {"kind": "renamed_in_file", "before": one.before})
        for one in before
    ]
    if said:
        parts.rooms.writer.add(Batch(events=said))
    await asyncio.to_thread(_write, parts.config.store.directory, names_of(parts.config))


def _read(directory: Path) -> Names:
    """Nothing where there is no such file, or none of ours: then nobody can be missed."""
    path = directory / FILE
    try:
        with path.open("rb") as file:
            return _names(json.loads(file.read(_LARGEST)))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        logger.warning("%s: %s; a device renamed in the file goes unnoticed this once", path, error)
        return {}


def _names(said: object) -> Names:
    if not isinstance(said, dict) or not all(isinstance(its, list) for its in said.values()):
        raise ValueError("it does not hold names of devices")
    return {name: frozenset(map(str, its)) for name, its in said.items()}


def _write(directory: Path, names: Names) -> None:
    """In one go; a disk that refuses costs the notice, not the start."""
    text = json.dumps({name: sorted(names[name]) for name in sorted(names)})
    fresh = directory / f"{FILE}.new"
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(directory / FILE)
    except OSError as error:
        logger.warning("%s: %s; a device renamed in the file goes unnoticed", fresh, error)
