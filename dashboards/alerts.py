"""What is open, what was paged, and how often that was for nothing."""

from typing import Final

from dashboards.panels import (
    BAD_AT_ONE,
    GOOD_AT_ZERO,
    SEVERITY_COLORS,
    SUBJECT,
    Column,
    Page,
    lines,
    now,
    query,
    rows_of,
    stat,
    table,
)
from dashboards.promql import OPEN_FINDINGS, findings, held, number, or_zero, viewed

_OPENED: Final = "min by (rule, step, subject) (cube_finding_opened_timestamp_seconds)"
_OPEN: Final = table(
    "Open findings, the newest last",
    [
        rows_of(
            # Two monitors may give one finding two severities for a while.
            viewed(f"({OPEN_FINDINGS}) * on (rule, step, subject) group_left () ({_OPENED} * 1000)")
        )
    ],
    [
        Column(name="severity", colors=SEVERITY_COLORS, width=90),
        Column(name="subject", link=SUBJECT),
        Column(name="view", title="about", width=100),
        Column(name="rule"),
        Column(name="step", width=110),
        Column(name="Value", title="open", unit="dateTimeFromNow"),
    ],
    sort="open",
)
_HELD_BACK: Final = table(
    "Held back: another finding of the same subject speaks for these",
    [rows_of(viewed(f"{held('cube_finding_inhibited')} == 1"))],
    [
        Column(name="severity", colors=SEVERITY_COLORS, width=90),
        Column(name="subject", link=SUBJECT),
        Column(name="view", title="about", width=100),
        Column(name="rule"),
        Column(name="step"),
    ],
    sort="subject",
)
_LABELS: Final = "alertname, severity, rule, subject, alertstate"
_FIRING: Final = table(
    "Alerts in Prometheus",
    [rows_of(viewed(f"max by ({_LABELS}) (ALERTS{{alertname=~'Cube.+'}})"))],
    [
        Column(name="severity", colors=SEVERITY_COLORS, width=90),
        Column(name="alertname", title="alert"),
        Column(name="subject", link=SUBJECT),
        Column(name="view", title="about", width=100),
        Column(name="alertstate", title="state", width=90),
    ],
    sort="alert",
)

PAGE: Final = Page(
    name="alerts",
    title="CUBE licences: alerts",
    description="Findings and pages.",
    hours=24 * 7,
    rows=(
        (
            4,
            (
                (5, stat("Critical", now(number(findings("critical"))), limits=BAD_AT_ONE)),
                (5, stat("Warnings", now(number(findings("warning"))), limits=GOOD_AT_ZERO)),
                (
                    4,
                    stat(
                        "Held back",
                        now(number(f"{held('cube_finding_inhibited')} == 1")),
                    ),
                ),
                (
                    5,
                    stat(
                        "False pages of 30 days, per 100 devices",
                        now("max(cube_monitor_false_pages_per_100_devices)"),
                        description="Critical pages of the built-in notifier that somebody marked"
                        " false.",
                    ),
                ),
                (
                    5,
                    stat(
                        "Pages waiting to be sent",
                        now(or_zero("sum(cube_monitor_pages_waiting)")),
                        limits=GOOD_AT_ZERO,
                    ),
                ),
            ),
        ),
        (9, ((24, _OPEN),)),
        (8, ((12, _HELD_BACK), (12, _FIRING))),
        (
            8,
            (
                (
                    12,
                    lines(
                        "Findings over time",
                        [query(f"count by (severity) ({OPEN_FINDINGS})", "{{severity}}")],
                        stepped=True,
                    ),
                ),
                (
                    12,
                    lines(
                        "Pages sent a day",
                        [
                            query(
                                "sum by (channel, result) (increase(cube_monitor_pages_total[1d]))",
                                "{{channel}} {{result}}",
                            )
                        ],
                    ),
                ),
            ),
        ),
    ),
)
