"""How well the monitor hears its devices, and how it is itself."""

from typing import Final

from dashboards.panels import (
    BAD_AT_ONE,
    GOOD_AT_ZERO,
    SEVERITY_RANKS,
    Column,
    Page,
    heading,
    lines,
    link_to,
    now,
    query,
    rows_of,
    stat,
    states,
    table,
    values,
)
from dashboards.promql import SHARED, held, number, or_zero, ranked

_RATE: Final = "[$__rate_interval]"


def _rate(metric: str, by: str) -> str:
    return f"sum by ({by}) (rate({metric}{_RATE}))"


def _quantile(metric: str, quantile: float, by: str = "le") -> str:
    return f"histogram_quantile({quantile}, {_rate(f'{metric}_bucket', by)})"


_SILENT: Final = table(
    "Devices with stale evidence",
    [rows_of(f"{held('cube_device_stale')} == 1")],
    [Column(name="device", link=link_to("device", "device"))],
    sort="device",
)

_SHARED: Final = table(
    "One cause, several devices: servers, logins and relays",
    [rows_of(ranked(f',rule=~"{SHARED}"'))],
    [
        Column(name="Value", title="severity", words=SEVERITY_RANKS, width=90),
        Column(name="rule"),
        Column(name="subject"),
        Column(name="step", width=110),
    ],
    sort="-severity",
)

PAGE: Final = Page(
    name="collection",
    title="CUBE licences: collection",
    description="Sources, drops, polls, commits and copies of the monitor itself.",
    hours=6,
    rows=(
        (
            4,
            (
                (
                    6,
                    stat(
                        "Collectors down",
                        now(number("cube_monitor_collector_up == 0")),
                        limits=BAD_AT_ONE,
                    ),
                ),
                (
                    6,
                    stat(
                        "Judged",
                        now("min(cube_monitor_snapshot_timestamp_seconds) * 1000"),
                        unit="dateTimeFromNow",
                    ),
                ),
                (
                    6,
                    stat(
                        "Messages lost, 24 h",
                        now(or_zero("sum(increase(cube_monitor_syslog_dropped_total[1d]))")),
                        limits=GOOD_AT_ZERO,
                    ),
                ),
                (6, stat("Store", now("max(cube_monitor_store_bytes)"), unit="bytes")),
            ),
        ),
        (
            8,
            (
                (
                    12,
                    lines(
                        "Syslog messages",
                        [
                            query(
                                _rate("cube_monitor_syslog_received_total", "transport"),
                                "{{transport}}",
                            )
                        ],
                        unit="mps",
                    ),
                ),
                (
                    12,
                    lines(
                        "Syslog messages lost or cut",
                        [
                            query(
                                _rate("cube_monitor_syslog_dropped_total", "transport, reason"),
                                "{{transport}} {{reason}}",
                                ref="A",
                            ),
                            query(
                                _rate("cube_monitor_syslog_kernel_drops_total", "transport"),
                                "{{transport}} dropped by the kernel",
                                ref="B",
                            ),
                            query(
                                _rate("cube_monitor_syslog_cut_total", "transport"),
                                "{{transport}} cut",
                                ref="C",
                            ),
                        ],
                        unit="mps",
                    ),
                ),
            ),
        ),
        (1, ((24, heading("Polls and telemetry")),)),
        (
            8,
            (
                (
                    8,
                    lines(
                        "Polls",
                        [
                            query(
                                _rate("cube_monitor_polls_total", "manner, result"),
                                "{{manner}} {{result}}",
                            )
                        ],
                        unit="cps",
                    ),
                ),
                (
                    8,
                    lines(
                        "Polls: lateness, 99 of 100 within",
                        [
                            query(
                                _quantile("cube_monitor_poll_lateness_seconds", 0.99, "le, manner"),
                                "{{manner}}",
                            )
                        ],
                        unit="s",
                    ),
                ),
                (
                    8,
                    lines(
                        "SNMP notifications, gNMI and RESTCONF",
                        [
                            query(
                                _rate("cube_monitor_snmp_notifications_total", "result"),
                                "SNMP {{result}}",
                                ref="A",
                            ),
                            query(
                                _rate(
                                    "cube_monitor_telemetry_notifications_total", "source, result"
                                ),
                                "{{source}} {{result}}",
                                ref="B",
                            ),
                        ],
                        unit="mps",
                    ),
                ),
            ),
        ),
        (1, ((24, heading("Store and copies")),)),
        (
            8,
            (
                (
                    8,
                    lines(
                        "Commits: duration, 99 of 100 within",
                        [query(_quantile("cube_monitor_commit_seconds", 0.99), "commit")],
                        unit="s",
                    ),
                ),
                (
                    8,
                    lines(
                        "Accepted",
                        [query(_rate("cube_monitor_committed_total", "record"), "{{record}}")],
                        unit="recps",
                    ),
                ),
                (
                    8,
                    lines(
                        "Copies: how far behind",
                        [
                            query(
                                "max by (target) (cube_monitor_ship_lag_seconds)",
                                "{{target}}",
                            )
                        ],
                        unit="s",
                    ),
                ),
            ),
        ),
        (
            7,
            (
                (
                    24,
                    states(
                        "Collectors",
                        [query("max by (collector) (cube_monitor_collector_up)", "{{collector}}")],
                        mappings=values({"0": ("down", "red"), "1": ("up", "green")}),
                    ),
                ),
            ),
        ),
        (7, ((14, _SHARED), (10, _SILENT))),
    ),
)
