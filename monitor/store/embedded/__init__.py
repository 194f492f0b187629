"""The store that comes with the monitor: SQLite in one directory."""

from monitor.store.embedded.following import Follower
from monitor.store.embedded.reading import StoreReader, StoreStatistics
from monitor.store.embedded.store import EmbeddedStore, EmbeddedStoreConfig

__all__ = ["EmbeddedStore", "EmbeddedStoreConfig", "Follower", "StoreReader", "StoreStatistics"]
