"""InfluxDB 2 (and 1.8 or 3, where the same calls work) as a reader of the log."""

from monitor.store.influxdb.database import InfluxDb, InfluxDbConfig

__all__ = ["InfluxDb", "InfluxDbConfig"]
