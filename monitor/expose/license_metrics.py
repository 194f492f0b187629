"""Licences as metrics: counts devices report, sessions that were read, peaks that were measured."""

from collections.abc import Callable, Iterator
from typing import Final

from monitor.domain.measurement import Measurement
from monitor.domain.state import FleetSnapshot
from monitor.expose.family import Family, Sample


def _in_use(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for tag, count in state.in_use.items():
            yield (state.device.id, tag), count


def _drift(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for one in state.drifts:
            yield (one.device, one.tag, one.against.value), one.difference


def _tolerance(fleet: FleetSnapshot) -> Iterator[Sample]:
    for state in fleet.devices:
        for one in state.drifts:
            yield (one.device, one.tag, one.against.value), one.tolerance


def _sessions(fleet: FleetSnapshot) -> Iterator[Sample]:
    for series, (_, count) in fleet.latest.items():
        yield series, count


def _sessions_read(fleet: FleetSnapshot) -> Iterator[Sample]:
    for series, (second, _) in fleet.latest.items():
        yield series, second


def _measured(name: str, help_: str, value: Callable[[Measurement], float | None], /) -> Family:
    def samples(fleet: FleetSnapshot) -> Iterator[Sample]:
        for measurement in fleet.measurements:
            known = value(measurement)
            if known is not None:
                yield (measurement.device, measurement.tag), known

    return Family(name=name, help=help_, labels=("device", "tag"), samples=samples)


LICENSE_FAMILIES: Final = (
    Family(
        name="cube_license_in_use",
        help="Licences the device itself reports for a tag: a finished number of a past period.",
        labels=("device", "tag"),
        samples=_in_use,
    ),
    Family(
        name="cube_sessions",
        help="Newest reading: sessions that used licences of a tag in one second.",
        labels=("device", "tag", "source"),
        samples=_sessions,
    ),
    Family(
        name="cube_sessions_timestamp_seconds",
        help="Second of the newest reading.",
        labels=("device", "tag", "source"),
        samples=_sessions_read,
    ),
    _measured(
        "cube_license_peak",
        "Licences measured for the last recorded period, rounded as configured.",
        lambda measurement: measurement.count,
    ),
    _measured(
        "cube_license_peak_sessions",
        "The same before rounding, in sessions.",
        lambda measurement: measurement.value,
    ),
    _measured(
        "cube_license_peak_period_start_timestamp_seconds",
        "Start of the last recorded period.",
        lambda measurement: measurement.start,
    ),
    _measured(
        "cube_license_peak_period_end_timestamp_seconds",
        "End of the last recorded period.",
        lambda measurement: measurement.end,
    ),
    _measured(
        "cube_license_peak_coverage_ratio",
        "Seconds of the last recorded period that had a reading.",
        lambda measurement: measurement.coverage,
    ),
    _measured(
        "cube_license_peak_minute_coverage_ratio",
        "Minutes of the last recorded period that had a value; below 0.5 the peak is weak.",
        lambda measurement: measurement.minute_coverage,
    ),
    Family(
        name="cube_license_drift",
        help="Licences measured minus licences requested, shown or counted by CSSM for a period.",
        labels=("device", "tag", "against"),
        samples=_drift,
    ),
    Family(
        name="cube_license_drift_tolerance",
        help="Licences by which the two may differ.",
        labels=("device", "tag", "against"),
        samples=_tolerance,
    ),
)
