"""One device: usage from seconds to periods beside its own values, its cycle, its roles."""

from typing import Final

from dashboards.panels import (
    INFLUXDB,
    ROLE_COLORS,
    SEVERITY_RANKS,
    Column,
    Page,
    chosen,
    flux,
    happened,
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
from dashboards.promql import best, held, ranked, roles

_OF: Final = '{device="$device"}'
_ACTIVE: Final = held('cube_pair_role{device="$device",role="active"}')
_DEADLINE: Final = best(f"cube_ack_deadline_timestamp_seconds{_OF}")
_SEVERITY: Final = values(
    {"1": ("info", "blue"), "2": ("warning", "orange"), "3": ("critical", "red")}
)
_CYCLE: Final = " or ".join(
    f'max by (rule) (cube_finding{{subject="$device",severity="{severity}"}} == 1) * {place}'
    for severity, place in (("critical", 3), ("warning", 2), ("info", 1))
)
_YEARS: Final = """import "influxdata/influxdb/schema"

from(bucket: v.defaultBucket)
  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)
  |> filter(fn: (r) => r._measurement == "cube_measurement" and r.device == ${device:doublequote})
  |> filter(fn: (r) => r._field == "sessions" or r._field == "count" or r._field == "replaced")
  |> toFloat()
  |> schema.fieldsAsCols()
  |> filter(fn: (r) => r.replaced == 0.0)
  |> group(columns: ["tag"])
  |> keep(columns: ["_time", "tag", "sessions", "count"])
  |> sort(columns: ["_time"])
"""

_SOURCES: Final = table(
    "Sources, last heard",
    [rows_of(f"{held(f'cube_last_seen_timestamp_seconds{_OF}')} * 1000")],
    [
        Column(name="source"),
        Column(name="Value", title="last heard", unit="dateTimeFromNow"),
    ],
    sort="source",
)
_ABOUT: Final = table(
    "What it is",
    [
        rows_of(held(f"cube_device_info{_OF}"), ref="A"),
        rows_of(f"{held(f'cube_pair_role{_OF}')} == 1", ref="B"),
    ],
    [
        Column(name="device"),
        Column(name="virtual_account", title="account", link=link_to("account", "account")),
        Column(name="pair", link=link_to("pair", "pair")),
        Column(name="role"),
        Column(name="release"),
        Column(name="platform"),
        Column(name="transport"),
    ],
    by="device",
)
_FINDINGS: Final = table(
    "Findings",
    [rows_of(ranked(',subject="$device"'))],
    [
        Column(name="Value", title="severity", words=SEVERITY_RANKS, width=90),
        Column(name="rule"),
        Column(name="step"),
    ],
    sort="-severity",
)

PAGE: Final = Page(
    name="device",
    title="CUBE licences: device",
    description="Usage, acknowledgement cycle, roles and sources of one device.",
    hours=24 * 7,
    has_history=True,
    variables=(chosen("device", "cube_device_info", "device", title="Device"),),
    annotations=(
        happened(
            "Failover",
            f"changes({_ACTIVE}[5m:1m]) > 0",
            "role active changed on {{device}}",
            "purple",
        ),
        happened(
            "Acknowledged",
            f"changes({held(f'cube_last_ack_timestamp_seconds{_OF}')}[5m:1m]) > 0",
            "an acknowledgement was received",
            "green",
        ),
        happened(
            "Requested",
            f"changes({held(f'cube_license_request_timestamp_seconds{_OF}')}[5m:1m]) > 0",
            "{{device}} asked for licences",
            "blue",
        ),
        happened(
            "Maintenance",
            'max without (instance, job) (cube_maintenance{subject="$device"}) == 1',
            "a maintenance window",
            "yellow",
        ),
    ),
    rows=(
        (
            4,
            (
                (
                    5,
                    stat("Deadline", now(f"{_DEADLINE} * 1000"), unit="dateTimeFromNow"),
                ),
                (
                    5,
                    stat(
                        "Next push",
                        now(f"{best(f'cube_next_push_timestamp_seconds{_OF}')} * 1000"),
                        unit="dateTimeFromNow",
                    ),
                ),
                (
                    5,
                    stat(
                        "Last acknowledgement",
                        now(f"{best(f'cube_last_ack_timestamp_seconds{_OF}')} * 1000"),
                        unit="dateTimeFromNow",
                    ),
                ),
                (
                    4,
                    stat(
                        "SIP service",
                        now(held(f"cube_sip_service_up{_OF}")),
                        mappings=values({"0": ("down", "red"), "1": ("up", "green")}),
                    ),
                ),
                (
                    5,
                    stat(
                        "Clock is off by",
                        now(held(f"cube_clock_offset_seconds{_OF}")),
                        unit="s",
                    ),
                ),
            ),
        ),
        (4, ((24, _ABOUT),)),
        (1, ((24, heading("Usage")),)),
        (
            9,
            (
                (
                    12,
                    lines(
                        "Sessions, second by second",
                        [query(held(f"cube_sessions{_OF}"), "{{tag}} ({{source}})")],
                        description="The newest reading at each scrape.",
                    ),
                ),
                (
                    12,
                    lines(
                        "Periods: measured here, reported or requested by the device",
                        [
                            query(held(f"cube_license_peak{_OF}"), "{{tag}} measured", ref="A"),
                            query(held(f"cube_license_in_use{_OF}"), "{{tag}} reported", ref="B"),
                        ],
                        stepped=True,
                        description="Licences of the last recorded period; the device's own"
                        " number is a finished one about a past period.",
                    ),
                ),
            ),
        ),
        (
            7,
            (
                (
                    12,
                    lines(
                        "Drift: measured minus what others counted",
                        [query(held(f"cube_license_drift{_OF}"), "{{tag}} - {{against}}")],
                        stepped=True,
                    ),
                ),
                (
                    12,
                    lines(
                        "Coverage of the last period",
                        [
                            query(
                                held(f"cube_license_peak_minute_coverage_ratio{_OF}"),
                                "{{tag}} minutes",
                                ref="A",
                            ),
                            query(
                                held(f"cube_license_peak_coverage_ratio{_OF}"),
                                "{{tag}} seconds",
                                ref="B",
                            ),
                        ],
                        unit="percentunit",
                        stepped=True,
                        description="Below half of the minutes the measurement is weak.",
                    ),
                ),
            ),
        ),
        (1, ((24, heading("The acknowledgement cycle")),)),
        (
            8,
            (
                (
                    12,
                    lines(
                        "Time left to the deadline",
                        [
                            query(f"{_DEADLINE} - time()", "time left", ref="A"),
                            query(
                                held(f"cube_ack_deadline_threshold_seconds{_OF}"),
                                "step {{step}}",
                                ref="B",
                            ),
                        ],
                        unit="s",
                        description="Jumps up with each acknowledgement. The steps are those of"
                        " this device: release, policy and transport decide them.",
                    ),
                ),
                (
                    12,
                    states(
                        "What was found",
                        [query(_CYCLE, "{{rule}}")],
                        mappings=_SEVERITY,
                    ),
                ),
            ),
        ),
        (7, ((12, _FINDINGS), (12, _SOURCES))),
        (
            7,
            (
                (
                    12,
                    lines(
                        "Usage reports by state",
                        [query(held(f"cube_rum_reports{_OF}"), "{{state}}")],
                        stepped=True,
                        description="Closed and sent ones wait for their acknowledgement.",
                    ),
                ),
                (
                    12,
                    states(
                        "Role in its pair",
                        [query(roles('device="$device"'), "{{pair}}")],
                        mappings=ROLE_COLORS,
                    ),
                ),
            ),
        ),
        (1, ((24, heading("Years (InfluxDB)")),)),
        (
            9,
            (
                (
                    24,
                    lines(
                        "Measured periods",
                        [flux(_YEARS)],
                        source=INFLUXDB,
                        stepped=True,
                        description="The latest versions, from the database that `ship` fills.",
                    ),
                ),
            ),
        ),
    ),
)
