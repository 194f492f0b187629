"""Which readings are measured again, and where what came of it is recorded."""

from typing import Any

from monitor.aggregate.recompute import Recomputed
from monitor.config import Config
from monitor.config.model import ShipConfig
from monitor.domain.records import Batch
from monitor.errors import ConfigError
from monitor.store.embedded import EmbeddedStore


def outside(config: Config, name: str) -> ShipConfig:
    """The configured database of that name; ConfigError names those there are."""
    for one in config.ship:
        if name == one.label:
            return one
    known = ", ".join(one.label for one in config.ship) or "none is configured (`ship`)"
    raise ConfigError(f"no database outside is named {name!r}: {known}")


class Records:
    """Records what came out differently, in a store that no monitor uses."""

    def __init__(self, config: Config) -> None:
        try:
            self._store = EmbeddedStore(config.store)
        except ConfigError as error:
            if "in use" not in str(error):
                raise
            raise ConfigError(
                f"{error}\nWhile the monitor runs it records by itself: give --url, such as"
                " --url http://127.0.0.1:8080"
            ) from error

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *_: Any) -> None:
        self._store.close()

    def record(self, found: Recomputed) -> None:
        """One commit: the hours, the origins and the new versions of the chains."""
        if found.hours or found.origins or found.chains:
            self._store.commit(Batch(hours=found.hours, origins=found.origins, chains=found.chains))
