"""Alerts about the monitor itself: that it is there, keeps what it hears, and tells of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from monitor.domain.findings import Severity
from monitor.evaluate.alerting.recording import Entry
from monitor.evaluate.promql.held import REPORTING

HEARTBEAT: Final = "CubeMonitorHeartbeat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One alert about ourselves; it keeps `instance`, since each monitor stands for itself."""

    name: str
    expr: str
    lasts: str
    severity: Severity
    summary: str
    runbook: str


def _grew(metric: str, over: str) -> str:
    return f"max without (job) (increase({metric}[{over}])) > 0"


OWN: Final = (
    Own(
        name="CubeMonitorAbsent",
        expr=f"absent({REPORTING})",
        lasts="5m",
        severity=Severity.CRITICAL,
        summary="No monitor is scraped: licence alerts stand on what was known last",
        runbook="monitor-absent",
    ),
    Own(
        name="CubeMonitorDown",
        expr=f"up == 0 and on (instance, job) max_over_time({REPORTING}[1d])",
        lasts="5m",
        severity=Severity.WARNING,
        summary="The monitor {{ $labels.instance }} cannot be scraped",
        runbook="monitor-down",
    ),
    Own(
        name="CubeMonitorSnapshotOld",
        expr="max without (job) (time() - cube_monitor_snapshot_timestamp_seconds) > 120",
        lasts="5m",
        severity=Severity.CRITICAL,
        summary="The monitor {{ $labels.instance }} shows an old state: it judges no more",
        runbook="monitor-snapshot-old",
    ),
    Own(
        name="CubeMonitorCollectorDown",
        expr="max without (job) (cube_monitor_collector_up) == 0",
        lasts="5m",
        severity=Severity.WARNING,
        summary="The collector {{ $labels.collector }} does not run",
        runbook="monitor-collector-down",
    ),
    Own(
        name="CubeMonitorStoreFaulty",
        expr="max without (job) (cube_monitor_store_faulty) == 1",
        lasts="1m",
        severity=Severity.CRITICAL,
        summary="The store is faulty: {{ $labels.reason }}",
        runbook="monitor-store-faulty",
    ),
    Own(
        name="CubeMonitorCommitFailures",
        expr=_grew("cube_monitor_commit_failures_total", "15m"),
        lasts="0s",
        severity=Severity.WARNING,
        summary="The store refuses commits",
        runbook="monitor-store-faulty",
    ),
    Own(
        name="CubeMonitorStoreSlow",
        expr=(
            "histogram_quantile(0.99,"
            " sum without (job) (rate(cube_monitor_commit_seconds_bucket[10m]))) > 1"
        ),
        lasts="15m",
        severity=Severity.WARNING,
        summary="Commits take longer than a second",
        runbook="monitor-store-slow",
    ),
    Own(
        name="CubeMonitorStoreSheds",
        expr=_grew("cube_monitor_store_shed_total", "1h"),
        lasts="0s",
        severity=Severity.WARNING,
        summary="The store gives up {{ $labels.level }} to stay within its budget",
        runbook="monitor-store-slow",
    ),
    Own(
        name="CubeMonitorDropsSyslog",
        expr=(
            f"{_grew('cube_monitor_syslog_dropped_total', '15m')}"
            f" or {_grew('cube_monitor_syslog_kernel_drops_total', '15m')}"
        ),
        lasts="0s",
        severity=Severity.WARNING,
        summary="Syslog messages are lost ({{ $labels.transport }})",
        runbook="monitor-drops",
    ),
    Own(
        name="CubeMonitorDropsTelemetry",
        expr=_grew("cube_monitor_telemetry_dropped_total", "15m"),
        lasts="0s",
        severity=Severity.WARNING,
        summary="Telemetry of {{ $labels.device }} is lost",
        runbook="monitor-drops",
    ),
    Own(
        name="CubeMonitorReloadFailed",
        expr="max without (job) (cube_monitor_config_last_reload_successful) == 0",
        lasts="5m",
        severity=Severity.WARNING,
        summary="The configuration could not be read again; the old one is in force",
        runbook="monitor-reload-failed",
    ),
    Own(
        name="CubeMonitorShippingLags",
        expr="max without (job) (cube_monitor_ship_lag_seconds) > 3600",
        lasts="15m",
        severity=Severity.WARNING,
        summary="The database {{ $labels.target }} is more than an hour behind",
        runbook="monitor-shipping-lags",
    ),
    Own(
        name="CubeMonitorPagesWaiting",
        expr="max without (job) (cube_monitor_pages_waiting) > 0",
        lasts="10m",
        severity=Severity.CRITICAL,
        summary="Pages cannot be delivered by {{ $labels.channel }}",
        runbook="monitor-pages-waiting",
    ),
)


def own_alerts(runbooks: str) -> Iterator[Entry]:
    """All of them, with the heartbeat that must never fall silent."""
    yield {
        "alert": HEARTBEAT,
        "expr": "vector(1)",
        "for": "0s",
        "labels": {"severity": "none"},
        "annotations": {
            "summary": "Always firing: a watcher outside must call where this stops",
            "runbook_url": f"{runbooks}monitor-heartbeat.md",
        },
    }
    for one in OWN:
        yield {
            "alert": one.name,
            "expr": one.expr,
            "for": one.lasts,
            "labels": {"severity": one.severity.word},
            "annotations": {
                "summary": one.summary,
                "runbook_url": f"{runbooks}{one.runbook}.md",
            },
        }
