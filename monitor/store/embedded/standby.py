"""An empty database in memory, read while the real one cannot be opened."""

import logging
import os
import sqlite3
from pathlib import Path
from typing import Final

from monitor.store.embedded.rescue import knowledge
from monitor.store.embedded.schema import migrate
from monitor.store.embedded.sessions import FILE, connect

logger = logging.getLogger(__name__)

_NAME: Final = "file:cubemon-standby-{}-{}?mode=memory&cache=shared"


class Standby:
    """Holds what can be read of the real one (facts, measurements, what operators decided)."""

    def __init__(self, directory: Path) -> None:
        self.uri = _NAME.format(os.getpid(), id(self))
        self._keeper: sqlite3.Connection = connect(self.uri)
        migrate(self._keeper)
        known = knowledge(directory / FILE, self._keeper)
        logger.warning("from the store that cannot be written is known: %s", known)

    def close(self) -> None:
        """Forget it."""
        self._keeper.close()
