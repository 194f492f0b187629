"""VictoriaMetrics, one node or a cluster, as a reader of the log."""

from monitor.store.victoriametrics.database import VictoriaMetrics, VictoriaMetricsConfig

__all__ = ["VictoriaMetrics", "VictoriaMetricsConfig"]
